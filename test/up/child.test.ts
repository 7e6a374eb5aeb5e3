import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { listenerOn } from '../../apps/cli/up/listener.js';
import { PortTaken } from '../../apps/cli/up/refused.js';
import { SupervisedChild, type ChildRequest } from '../../apps/cli/up/child.js';
import type { ProcessIdentity } from '../../apps/cli/up/process-identity.js';
import { waitUntil } from '../../apps/cli/up/wait-until.js';
import { temporaryFolder } from './folder.js';
import { freePort } from './free-port.js';

/** A shell script under supervision, with what was said of it and which processes it was. */
function supervise(script: string, more: Partial<ChildRequest> = {}) {
  const folder = temporaryFolder();
  const said: string[] = [];
  const processes: (ProcessIdentity | undefined)[] = [];
  const log = join(folder, 'child.log');
  const request: ChildRequest = {
    ...{ name: 'worker', command: 'sh', arguments: ['-c', script], environment: { PATH: process.env['PATH'] } },
    ...{ folder, log, speaks: false, stopSignal: 'SIGTERM', grace: 20, patience: 30 },
    ports: [],
    ready: () => Promise.resolve(readFileSync(log, 'utf8').includes('up')),
    ...more,
  };
  const child = new SupervisedChild(
    request,
    (line) => said.push(line),
    (_, process) => processes.push(process),
  );
  onTestFinished(() => child.stop());
  return { child, said, processes, log, folder };
}

it('is started again when it dies, and that is said', async () => {
  const { child, said, log, processes } = supervise('echo up; exec sleep 300');
  await child.start();
  child.kill('SIGKILL');
  expect(await waitUntil(() => readFileSync(log, 'utf8') === 'up\nup\n', 30)).toBe(true);
  expect(said).toEqual([`worker died (SIGKILL); it is started again in 0.2 s (log: ${log})`]);
  const [first, none, second] = processes;
  expect(none).toBeUndefined();
  expect(second?.pid).not.toBe(first?.pid);
});

it('is given up where it never comes up, with what it said last', async () => {
  const { child } = supervise('echo "Error: no such table"; exit 3', { ready: () => Promise.resolve(false) });
  await expect(child.start()).rejects.toThrow(/^worker does not come up: Error: no such table; see /);
});

it('is not taken for ready where another program answers on its port, but given up at once', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const { child } = supervise('echo up; exec sleep 300', { ports: [port], ready: () => Promise.resolve(true) });
  const refused = await child.start().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(PortTaken);
  expect(refused).toMatchObject({
    message: `port ${String(port)}, meant for worker, is used by another program; end that program and start again`,
  });
});

it('is ready once it listens itself', async () => {
  const port = await freePort();
  const script = `setTimeout(() => require('node:net').createServer().listen(${String(port)}, '127.0.0.1'), 300)`;
  const { child, processes } = supervise('', {
    ...{ command: process.execPath, arguments: ['-e', script] },
    ...{ ports: [port], ready: () => Promise.resolve(true) },
  });
  await child.start();
  expect(listenerOn(port, processes[0]?.pid ?? 0)).toBe('it');
  expect(listenerOn(port, process.pid)).toBe('another');
});

it('is said to be missing where its program is', async () => {
  const { child } = supervise('', { command: '/nonexistent/program', ready: () => Promise.resolve(false) });
  await expect(child.start()).rejects.toThrow(/nonexistent.program/);
});

it('ends in good order where it can', async () => {
  const { child, log, said } = supervise('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done');
  await child.start();
  await child.stop();
  expect(readFileSync(log, 'utf8')).toBe('up\nbye\n');
  expect(said).toEqual([]);
});

it('is killed after its time of grace', async () => {
  const { child, said, processes } = supervise('trap "" TERM; echo up; while :; do sleep 0.05; done', { grace: 0.3 });
  await child.start();
  await child.stop();
  expect(said).toEqual(['worker did not end within 0.3 s; it is killed']);
  expect(processes.at(-1)).toBeUndefined();
});

it('stays stopped when it is stopped while waiting to be started again', async () => {
  const { child, log, said } = supervise('echo up; exec sleep 300');
  await child.start();
  child.kill('SIGKILL');
  await waitUntil(() => said.length === 1, 30, 1);
  await child.stop();
  child.kill('SIGKILL');
  expect(readFileSync(log, 'utf8')).toBe('up\n');
});

it('writes files that others cannot read', async () => {
  const { child, folder } = supervise('echo up > made; cat made; exec sleep 300');
  await child.start();
  expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o600);
});

it('is out of reach of a Ctrl-C on the terminal', async () => {
  const { child, processes } = supervise('echo up; exec sleep 300');
  await child.start();
  const pid = processes[0]?.pid ?? 0;
  const session = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    .split(') ')[1]
    ?.split(' ')[3];
  expect(session).toBe(String(pid));
});

it('is tried again where it cannot even be started', async () => {
  const { child, said, log, folder } = supervise('echo up; exec sleep 300');
  await child.start();
  // Stands for a full disk: its log cannot be opened any more.
  renameSync(log, join(folder, 'before.log'));
  mkdirSync(log);
  child.kill('SIGKILL');
  expect(await waitUntil(() => said.length > 1, 30)).toBe(true);
  expect(said[1]).toMatch(/^worker died \(EISDIR.*it is started again in 1 s/);
  rmdirSync(log);
  expect(await waitUntil(() => existsSync(log) && readFileSync(log, 'utf8') === 'up\n', 30)).toBe(true);
});
