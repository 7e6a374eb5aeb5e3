import { exitCodes } from './exit-codes.js';
import { Stop, usage } from './stop.js';
import type { World } from './world.js';

/** Bytes of a secret. */
const most = 64 * 1024;

/**
 * A secret value from standard input: typed without echo on a terminal, else all of it. The line end of a value of
 * one line is not part of it; a value of several lines (a key in PEM) is kept as it is.
 *
 * @throws Stop where it is empty or too long
 */
export async function readValue(world: World, prompt: string): Promise<Uint8Array> {
  const raw = world.in.isTTY === true ? await typed(world, prompt) : await piped(world);
  const oneLine = raw.indexOf(10) === raw.length - 1 ? raw.subarray(0, raw.length - 1) : raw;
  const value = oneLine.at(-1) === 13 && oneLine !== raw ? oneLine.subarray(0, -1) : oneLine;
  if (value.length === 0) throw usage('the value is empty');
  return value;
}

async function piped(world: World): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of world.in) {
    chunks.push(Buffer.from(chunk as Uint8Array | string));
    bytes += chunks.at(-1)?.length ?? 0;
    if (bytes > most) throw usage(`the value is longer than ${most} bytes`);
  }
  return Buffer.concat(chunks);
}

const enter = [10, 13];
const end = 4;
const interrupt = 3;
const rubout = [8, 127];

/** Reads one line with the terminal in raw mode, so that nothing of it is shown. */
async function typed(world: World, prompt: string): Promise<Buffer> {
  world.err.write(prompt);
  world.in.setRawMode?.(true);
  const line: number[] = [];
  try {
    for await (const chunk of world.in) {
      for (const byte of Buffer.from(chunk as Uint8Array)) {
        if (byte === interrupt) throw new Stop('interrupted; nothing was stored', exitCodes.detached);
        if (enter.includes(byte) || byte === end) return Buffer.from(line);
        if (rubout.includes(byte)) eraseCharacter(line);
        else if (line.push(byte) > most) throw usage(`the value is longer than ${most} bytes`);
      }
    }
    return Buffer.from(line);
  } finally {
    world.in.setRawMode?.(false);
    world.err.write('\n');
  }
}

/** Takes one UTF-8 character off the end. */
function eraseCharacter(line: number[]): void {
  let byte = line.pop();
  while (byte !== undefined && (byte & 0xc0) === 0x80) byte = line.pop();
}
