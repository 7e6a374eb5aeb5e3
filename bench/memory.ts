import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of resident memory of the worker that this program's Belay runs; 0 while it is being started again. */
export function workerMemory(): number {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('build/apps/worker/main.js')) continue;
      if (parentOf(pid) !== String(process.pid)) continue;
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
    } catch {
      // It ended while it was looked at.
    }
  }
  return 0;
}

function parentOf(pid: string): string | undefined {
  return /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

/** Looks at the worker's memory while work goes on; gives the highest reading, MiB. */
export async function peakMemory<T>(work: () => Promise<T>): Promise<{ result: T; peak: number }> {
  let peak = 0;
  const look = (): void => void (peak = Math.max(peak, workerMemory()));
  const timer = setInterval(look, 250);
  try {
    const result = await work();
    look();
    return { result, peak: peak / 1024 ** 2 };
  } finally {
    clearInterval(timer);
  }
}
