import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { projectFolder } from './folders.js';
import { keepSecretsOfLab } from './lab-secrets.js';
import type { Register } from './program.js';
import type { World } from './world.js';

/** `belay lab …`, `belay chaos …`, `belay mutation …`, `belay bench …` hand their words to programs of the project that know them. */
export const registerLab = ownProgram(
  'lab',
  'real hosts on this machine, to practise and test on',
  ['lab', 'main.js'],
  keepSecretsOfLab,
);
export const registerChaos = ownProgram(
  'chaos',
  'force faults on runs on real hosts, and count what is lost, phantom, doubled or out of order',
  ['test', 'chaos', 'suite', 'main.js'],
);
export const registerMutation = ownProgram(
  'mutation',
  'break the guards of the code one after another, and see that tests notice each',
  ['test', 'mutation', 'main.js'],
);
export const registerBench = ownProgram('bench', 'measure Belay on this machine, as ratios to baselines', [
  'bench',
  'main.js',
]);

/** @param afterwards - what is still to be done where the program has succeeded */
function ownProgram(
  name: string,
  about: string,
  path: readonly string[],
  afterwards?: (world: World, words: readonly string[]) => Promise<void>,
): Register {
  return (program: Command, world: World) => {
    program
      .command(name)
      .description(about)
      .helpOption(false)
      .allowUnknownOption()
      .argument('[words...]')
      .action(async (words: string[]) => {
        const code = await runProgram(path, words);
        process.exitCode = code;
        if (code === 0) await afterwards?.(world, words);
      });
  };
}

/** Runs one of the project's own programs on this terminal, and returns its exit code. */
function runProgram(path: readonly string[], words: readonly string[]): Promise<number> {
  const file = join(projectFolder(), 'build', ...path);
  // Ctrl-C reaches the program itself; leaving before it has cleaned up would hide what it still says.
  const wait = () => undefined;
  process.on('SIGINT', wait);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...words], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait);
      resolve(signal === null ? (code ?? 1) : 130);
    });
  });
}
