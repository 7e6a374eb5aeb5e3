import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { programPath } from './program.js';

/**
 * Does work while holding a lock of the whole machine. The kernel frees it when this process dies, however it dies:
 * the lock is held by a child that ends when its stdin does.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, waiting?: () => void): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PATH: programPath },
    detached: true,
  });
  const notice = setTimeout(() => waiting?.(), 500);
  try {
    await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit').then(endedEarly)]);
    clearTimeout(notice);
    return await work();
  } finally {
    clearTimeout(notice);
    holder.stdin.end();
    if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
  }
}

function endedEarly(): never {
  throw new Error('the program `flock` ended before it held the lock');
}
