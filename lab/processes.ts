import { readdir, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './error.js';
import { run } from './program.js';

/** A process that runs in a network namespace of the lab. */
export interface Process {
  readonly pid: number;
  readonly uid: number;
  /** Its number within the host, or undefined for one that stands outside and only shares the network. */
  readonly hostPid?: number;
  /** Its arguments, or its name in brackets where it has none. */
  readonly command: string;
}

/** Processes of a network namespace; those that end meanwhile are left out. */
export async function processesOf(namespace: string): Promise<Process[]> {
  const { stdout } = await run(['ip', 'netns', 'pids', namespace]);
  const found = await Promise.all(stdout.split('\n').filter(Boolean).map(Number).map(describe));
  return found.filter((each) => each !== undefined);
}

/** Kills all processes of a network namespace and waits until they are gone. */
export async function killAll(namespace: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { stdout } = await run(['ip', 'netns', 'pids', namespace]);
    const pids = stdout.split('\n').filter(Boolean).map(Number);
    if (pids.length === 0) return;
    if (Date.now() > deadline)
      throw new LabError(`processes ${pids.join(', ')} of ${namespace} do not die: is a disk stuck?`);
    for (const pid of pids) kill(pid);
    await sleep(10);
  }
}

/** Asks those to end that were not asked before; returns all that were. */
export function askToEnd(processes: readonly Process[], asked: ReadonlySet<number>): ReadonlySet<number> {
  for (const { pid } of processes.filter((each) => !asked.has(each.pid))) kill(pid, 'SIGTERM');
  return new Set([...asked, ...processes.map(({ pid }) => pid)]);
}

/**
 * Kills processes in network namespaces that have lost their names: a program that a killed `up` had just started may
 * have entered one in the moment between the last look and the removal.
 */
export async function killStrays(namespaces: ReadonlySet<number>): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const inode = await stat(`/proc/${pid}/ns/net`).then(
      ({ ino }) => ino,
      () => undefined,
    );
    if (inode !== undefined && namespaces.has(inode)) kill(Number(pid));
  });
  await Promise.all(found);
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since it was listed.
  }
}

async function describe(pid: number): Promise<Process | undefined> {
  const read = async (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const words = await read('cmdline');
  // Last: one that ends in between has no words, and is seen to have ended.
  const status = await read('status');
  if (!status || /^State:\s+Z/m.test(status)) return undefined;
  const [outer, inner, ...deeper] = (/^NSpid:(.*)$/m.exec(status)?.[1] ?? '').trim().split(/\s+/);
  if (outer === undefined) return undefined;
  const hostPid = inner === undefined ? undefined : Number(deeper.length === 0 ? inner : -1);
  const name = `[${/^Name:\s+(.*)$/m.exec(status)?.[1] ?? '?'}]`;
  return {
    pid,
    uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]),
    command: words.replace(/\0+$/, '').replaceAll('\0', ' ') || name,
    ...(hostPid === undefined ? {} : { hostPid }),
  };
}
