import { userInfo } from 'node:os';
import { commands } from './commands.js';
import { exitCodes } from './exit-codes.js';
import { belay } from './program.js';
import type { World } from './world.js';

const interruption = new AbortController();
// The first Ctrl-C lets the command say how to come back; the second ends the process as usual.
process.once('SIGINT', () => interruption.abort());
for (const stream of [process.stdout, process.stderr]) {
  // Whoever read us has gone (`| head`): there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.pipe_closed : exitCodes.error),
  );
}

const world: World = {
  out: process.stdout,
  err: process.stderr,
  in: process.stdin,
  environment: process.env,
  folder: process.cwd(),
  user: userName(),
  interrupted: interruption.signal,
  exitWith: (code) => (process.exitCode = code),
};

const code = await belay(process.argv.slice(2), commands, world);
// Commands that start other programs have set their own code.
if (code !== exitCodes.succeeded) process.exitCode = code;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
