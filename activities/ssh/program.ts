import type { Client, ClientChannel } from 'ssh2';
import { ByteQueue } from './byte-queue.js';
import type { Start } from './programs.js';

/** A program on the host that is asked on stdin and answers on stdout. */
export interface Program {
  readonly answers: ByteQueue;
  write(messages: readonly Uint8Array[]): void;
  /** What it said last on stderr, for failures. */
  lastWords(): string;
}

/** Bytes of stderr that are kept; all of it is read, or the channel would stall. */
const wordsKept = 2048;
/** Bytes from which on a message is not copied. */
const largeMessage = 65_536;
/** Milliseconds between a program's exit and giving up on its last words. */
const exitGrace = 300;

/** Starts a program on a channel of its own; `gone` is told once when it has ended, however that came. */
export async function openProgram(client: Client, start: Start, gone: (error: Error) => void): Promise<Program> {
  const channel = await execute(client, start.command);
  const answers = new ByteQueue();
  let words = Buffer.alloc(0);
  const end = (): void => {
    const error = new Error(
      `the program on the host has ended${words.length > 0 ? `: ${words.toString('utf8').trim()}` : ''}`,
    );
    answers.fail(error);
    gone(error);
  };
  channel.on('data', (bytes: Buffer) => answers.push(bytes));
  channel.stderr.on('data', (bytes: Buffer) => (words = Buffer.concat([words, bytes]).subarray(-wordsKept)));
  // Its last words may come after its exit; its channel may stay open for as long as a script that it started.
  channel.once('exit', () => setTimeout(end, exitGrace).unref());
  // What came in the same piece as the end is read before the end is told.
  channel.once('close', () => setImmediate(end));
  channel.on('error', () => setImmediate(end));
  if (start.input.length > 0) channel.write(start.input);
  return {
    answers,
    write: (messages) => {
      for (const piece of pieces(messages)) if (channel.writable) channel.write(piece);
    },
    lastWords: () => words.toString('utf8').trim(),
  };
}

async function execute(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** Messages that fit go together, in one packet; what is large goes as it is, since many hosts may be sent the same. */
function* pieces(messages: readonly Uint8Array[]): Generator<Uint8Array> {
  let together: Uint8Array[] = [];
  for (const message of messages) {
    if (message.length < largeMessage) {
      together.push(message);
      continue;
    }
    if (together.length > 0) yield Buffer.concat(together);
    together = [];
    yield message;
  }
  if (together.length > 0) yield Buffer.concat(together);
}
