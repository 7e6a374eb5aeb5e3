import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './error.js';
import { mountsBeneath } from './mounts.js';
import { namespaceFile, namespaceOf, setPort } from './network.js';
import { roomFile } from './places.js';
import { askToEnd, killAll, processesOf } from './processes.js';
import { must, programPath, run, type Executed } from './program.js';
import type { HostRecord, LabRecord } from './record.js';

/** Where the files of a host lie on this machine. */
export function hostFolder(
  record: LabRecord,
  host: HostRecord,
  part: 'root' | 'upper' | 'work' | 'console.log' | 'boot-id',
): string {
  return join(record.folder, 'hosts', host.name, part);
}

/**
 * Lays the host's own layer over its image. Without index, redirects and metadata-only copies the layer holds nothing
 * but plain files, so that it can be compared.
 */
export async function mountHost(record: LabRecord, host: HostRecord): Promise<void> {
  const [root, upper, work] = (['root', 'upper', 'work'] as const).map((part) => hostFolder(record, host, part)) as [
    string,
    string,
    string,
  ];
  if ((await mountsBeneath(root)).length > 0) return;
  if (!existsSync(host.image))
    throw new LabError(
      `the image of the host ${host.name} is gone from the cache (${host.image}): take the lab down and up again`,
    );
  for (const folder of [root, upper, work]) await mkdir(folder, { recursive: true });
  const layers = `lowerdir=${host.image},upperdir=${upper},workdir=${work}`;
  await must([
    'mount',
    '-t',
    'overlay',
    '-o',
    `${layers},index=off,redirect_dir=off,metacopy=off,xino=off`,
    'belay-lab',
    root,
  ]);
}

/** Seconds that a host may take to its sshd: services come before it, and those of several hosts take long on a busy machine. */
const startSeconds = 90;

/** Starts a host that is off, and returns when its sshd answers. */
export async function bootHost(record: LabRecord, host: HostRecord): Promise<void> {
  if ((await initOf(record, host)) !== undefined) return;
  const bootId = hostFolder(record, host, 'boot-id');
  await writeFile(bootId, `${randomUUID()}\n`);
  await setPort(record.name, host, 'up');
  const network = `--net=${namespaceFile(namespaceOf(record.name, host.name))}`;
  const boot = ['sh', roomFile('boot-host.sh'), hostFolder(record, host, 'root'), bootId, host.name, forbidden];
  await detach(
    ['nsenter', network, 'unshare', '-m', '-u', '-i', '-p', '-f', '--kill-child', ...boot],
    hostFolder(record, host, 'console.log'),
  );
  if (await answers(host.address, 22, /^SSH-/, startSeconds)) return;
  const said = await readFile(hostFolder(record, host, 'console.log'), 'utf8');
  throw new LabError(
    `the host ${host.name} did not start an sshd within ${String(startSeconds)} s: ${said.trim().split('\n').slice(-3).join(' / ') || 'it said nothing'}`,
  );
}

/** Takes the network away first, so that no peer hears of it, as when the power goes. */
export async function cutPower(record: LabRecord, host: HostRecord): Promise<void> {
  await setPort(record.name, host, 'down');
  await killAll(namespaceOf(record.name, host.name));
}

/** Seconds that programs have to end by themselves when a host is shut down. */
const patience = 30;

/** Ends every process of a host as a shut-down does: each is asked to end before it must, so that databases are whole. */
export async function shutDown(record: LabRecord, host: HostRecord): Promise<void> {
  const namespace = namespaceOf(record.name, host.name);
  const deadline = Date.now() + patience * 1000;
  for (let asked: ReadonlySet<number> = new Set(); Date.now() < deadline; await sleep(50)) {
    const left = (await processesOf(namespace)).filter((each) => each.hostPid !== undefined && each.hostPid !== 1);
    if (left.length === 0) break;
    asked = askToEnd(left, asked);
  }
  await cutPower(record, host);
}

/** Waits until the host's init has gone through the services that start with it. */
export async function booted(record: LabRecord, host: HostRecord): Promise<void> {
  const starting = async (): Promise<boolean> =>
    (await processesOf(namespaceOf(record.name, host.name))).some((each) =>
      / \/etc\/init\.d\/rc 2$/.test(each.command),
    );
  const deadline = Date.now() + 300_000;
  while (await starting()) {
    if (Date.now() > deadline)
      throw new LabError(
        `services of the host ${host.name} do not come to an end with starting: see /run/boot.log there`,
      );
    await sleep(100);
  }
}

/** The machine's process id of the host's init, or undefined while the host is off. */
export async function initOf(record: LabRecord, host: HostRecord): Promise<number | undefined> {
  const processes = await processesOf(namespaceOf(record.name, host.name));
  return processes.find((each) => each.hostPid === 1)?.pid;
}

/** The host's file system as its own processes see it: what it mounts itself is in no other mount namespace. */
export async function inside(record: LabRecord, host: HostRecord): Promise<string | undefined> {
  const init = await initOf(record, host);
  return init === undefined ? undefined : `/proc/${String(init)}/root`;
}

/**
 * The words that run a program inside a host, with no more rights over the machine than what the host started itself.
 * @throws LabError where the host is off
 */
export async function enter(record: LabRecord, host: HostRecord): Promise<string[]> {
  const init = await initOf(record, host);
  if (init === undefined)
    throw new LabError(
      `the host ${host.name} is off: \`belay lab power-on ${host.name} --name ${record.name}\` starts it`,
    );
  const namespaces = ['nsenter', '-t', String(init), '-m', '-u', '-i', '-n', '-p', '--'];
  const bounded = ['setpriv', `--bounding-set=${forbidden}`, `--inh-caps=${forbidden}`];
  return [...namespaces, ...bounded, 'env', '-i', `PATH=${programPath}`, 'HOME=/root', 'LANG=C'];
}

/** What would let a host harm the machine: its kernel, its clock, its disks. */
const forbidden = '-sys_module,-sys_rawio,-sys_time,-mknod';

/** Runs a program on a host as root, from outside. */
export async function execute(
  record: LabRecord,
  host: HostRecord,
  argv: readonly string[],
  input?: string | Uint8Array,
): Promise<Executed> {
  return run([...(await enter(record, host)), ...argv], input === undefined ? {} : { input });
}

/** Starts a program that outlives this process. */
export async function detach(argv: readonly string[], log: string): Promise<void> {
  const [program = '', ...rest] = argv;
  const output = await open(log, 'a');
  const env = { PATH: programPath, LC_ALL: 'C' };
  const child = spawn(program, rest, { detached: true, stdio: ['ignore', output.fd, output.fd], env, cwd: '/' });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  await output.close();
}

/** Waits until something answers at a port, with a greeting if one is asked for. */
export async function answers(address: string, port: number, greeting?: RegExp, seconds = 20): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (await answersNow(address, port, greeting)) return true;
    await sleep(15);
  }
  return false;
}

async function answersNow(address: string, port: number, greeting?: RegExp): Promise<boolean> {
  const socket = connect({ host: address, port, timeout: 1000 });
  try {
    return await new Promise<boolean>((resolve) => {
      if (!greeting) socket.once('connect', () => resolve(true));
      else socket.once('data', (bytes) => resolve(greeting.test(bytes.toString())));
      for (const event of ['error', 'timeout', 'close'] as const) socket.once(event, () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
