import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Client } from 'ssh2';
import { readerStart } from '../../activities/ssh/programs.js';
import { ReaderChannel } from '../../activities/ssh/reader-channel.js';
import type { Session } from '../../activities/ssh/session.js';

/** What a reading channel on this machine answers, without an sshd in between. */
export interface LocalReader extends Pick<Session, 'files' | 'stretch'> {
  stop(): void;
}

/** Opens the reading channel's program, as it goes to hosts, in a shell of this machine. */
export async function readLocally(shell: readonly string[], journal: string): Promise<LocalReader> {
  const stops: (() => void)[] = [];
  const client = {
    exec: (command: string, opened: (error: undefined, channel: unknown) => void) => {
      const child = spawn('/bin/sh', ['-c', command]);
      stops.push(() => child.kill());
      const channel = Object.assign(new EventEmitter(), {
        stderr: child.stderr,
        writable: true,
        write: (bytes: Uint8Array) => child.stdin.write(bytes),
      });
      child.stdout.on('data', (bytes: Buffer) => channel.emit('data', bytes));
      child.once('close', () => channel.emit('close'));
      opened(undefined, channel);
    },
  } as unknown as Client;
  const start = readerStart({ shell, sudo: false }, journal);
  const reader = await ReaderChannel.start(client, start, 10_000, () => undefined);
  return {
    files: async (patterns, most) => reader.files(patterns, most),
    stretch: async (file, offset, length) => reader.stretch(file, offset, length),
    stop: () => stops.forEach((stop) => stop()),
  };
}
