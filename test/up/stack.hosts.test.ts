import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../apps/cli/folders.js';
import { runs, type ProcessIdentity } from '../../apps/cli/up/process-identity.js';
import { startStack, type ChildName, type Stack } from '../../apps/cli/up/stack.js';
import { waitUntil } from '../../apps/cli/up/wait-until.js';
import { freePort } from './free-port.js';

/** The children of a data folder, as the supervisor has written them down. */
const childrenOf = (data: string) =>
  JSON.parse(readFileSync(join(data, 'children.json'), 'utf8')) as Record<ChildName, ProcessIdentity>;

const answers = async ({ api, token }: { api: string; token: string }): Promise<boolean> =>
  fetch(`${api}/readyz`, { headers: { authorization: `Bearer ${token}` } }).then(
    ({ ok }) => ok,
    () => false,
  );

function makeData(prefix = 'belay-stack-'): string {
  const data = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(data, 0o755);
  return join(data, 'data');
}

/** Removes a data folder, and what lies outside of it for the account of Postgres. */
function remove(data: string): void {
  const cluster = join(data, 'postgres');
  if (existsSync(cluster) && statSync(cluster).isDirectory() && isLink(cluster))
    rmSync(dirname(readlinkSync(cluster)), { recursive: true });
  rmSync(dirname(data), { recursive: true, force: true });
}

function isLink(path: string): boolean {
  try {
    return readlinkSync(path) !== '';
  } catch {
    return false;
  }
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

describe('a stack', () => {
  const data = makeData();
  const said: string[] = [];
  let stack: Stack;

  beforeAll(async () => {
    if (!existsSync(join(projectFolder(), 'build', 'apps', 'worker', 'main.js')))
      throw new Error('build first: npm run build');
    stack = await startStack({ data, log: (line) => said.push(line) });
  });
  afterAll(async () => {
    await stack.stop();
    remove(data);
  });

  it('answers, and tells the CLI where', async () => {
    expect(await answers(stack)).toBe(true);
    expect(JSON.parse(readFileSync(join(data, 'up.json'), 'utf8'))).toMatchObject({
      api: stack.api,
      web: stack.web,
      pid: process.pid,
    });
    expect((await fetch(stack.web)).ok).toBe(true);
  });

  it('keeps closed workflows for thirty days', async () => {
    const answer = await fetch(`${stack.web}/api/v1/namespaces/default`);
    expect(await answer.json()).toMatchObject({ config: { workflowExecutionRetentionTtl: '2592000s' } });
  });

  it('writes nothing that others can read but the public key', () => {
    const open = files(data).filter((file) => (statSync(file).mode & 0o077) !== 0);
    expect(open.filter((file) => !file.endsWith('.pub'))).toEqual([]);
  });

  it('refuses a second stack on its data, and is not disturbed by it', async () => {
    await expect(startStack({ data, log: () => undefined })).rejects.toThrow('another `belay up` already runs on');
    expect(await answers(stack)).toBe(true);
    expect(existsSync(join(data, 'up.json'))).toBe(true);
  });

  it.each(['api', 'worker', 'temporal', 'postgres'] as const)(
    'starts %s again when it is killed, and answers again',
    async (name) => {
      const before = childrenOf(data)[name];
      stack.kill(name, 'SIGKILL');
      expect(
        await waitUntil(() => childrenOf(data)[name] !== undefined && childrenOf(data)[name].pid !== before.pid, 30),
      ).toBe(true);
      expect(await waitUntil(() => answers(stack), 60)).toBe(true);
      expect(said.some((line) => line.startsWith(`${name} died (SIGKILL); it is started again`))).toBe(true);
    },
  );

  it('stands beside another one, which takes other ports', async () => {
    const other = makeData();
    const second = await startStack({ data: other, log: () => undefined });
    onTestFinished(() => remove(other));
    expect(await answers(second)).toBe(true);
    expect(second.api).not.toBe(stack.api);
    expect(second.temporalAddress).not.toBe(stack.temporalAddress);
    await second.stop();
    expect(await answers(stack)).toBe(true);
  });
});

describe('a stack that is stopped', () => {
  it('leaves no process, no open port and no address behind, and comes back on the same ports', async () => {
    const data = makeData();
    onTestFinished(() => remove(data));
    const first = await startStack({ data, log: () => undefined });
    const children = childrenOf(data);
    await first.stop();
    expect(Object.values(children).filter(runs)).toEqual([]);
    expect(readdirSync(data).filter((name) => ['up.json', 'children.json'].includes(name))).toEqual([]);
    expect(await opens(first.temporalAddress)).toBe(false);
    const second = await startStack({ data, log: () => undefined });
    expect([second.api, second.temporalAddress, second.token]).toEqual([first.api, first.temporalAddress, first.token]);
    await second.stop();
  });

  it('while it starts, leaves nothing behind either', async () => {
    const data = makeData();
    onTestFinished(() => remove(data));
    const told = new AbortController();
    const start = startStack({ data, log: () => undefined, wanted: told.signal });
    await waitUntil(() => existsSync(join(data, 'children.json')) && childrenOf(data).postgres !== undefined, 60);
    const children = childrenOf(data);
    told.abort(new Error('no longer wanted'));
    await expect(start).rejects.toThrow('no longer wanted');
    expect(Object.values(children).filter(runs)).toEqual([]);
  });
});

describe("root's closed home folder", () => {
  it('does not keep Postgres from running', async () => {
    const data = makeData();
    chmodSync(dirname(data), 0o700);
    mkdirSync(data);
    onTestFinished(() => remove(data));
    const stack = await startStack({ data, log: () => undefined });
    expect(await answers(stack)).toBe(true);
    await stack.stop();
    expect(isLink(join(data, 'postgres'))).toBe(process.getuid?.() === 0);
  });
});

describe('`belay up` as a process', () => {
  function up(data: string) {
    const child = spawn(process.execPath, [join(projectFolder(), 'build/apps/cli/main.js'), 'up'], {
      env: { ...process.env, BELAY_DATA: data },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const said: string[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => said.push(line));
    const isUp = () =>
      waitUntil(() => said.some((line) => line.startsWith('Belay is up')) || child.exitCode !== null, 120);
    return { child, said, isUp };
  }

  it('comes up beside another one that chose the same ports in the same instant', async () => {
    const [postgres, temporal, web, api] = await Promise.all([1, 2, 3, 4].map(freePort));
    const folders = [makeData(), makeData()];
    onTestFinished(() => folders.forEach(remove));
    for (const data of folders) {
      mkdirSync(data);
      writeFileSync(join(data, 'ports.json'), JSON.stringify({ postgres, temporal, web, api }));
    }
    const both = folders.map(up);
    await Promise.all(both.map(async ({ isUp }) => isUp()));
    const upFiles = folders.map((data) => JSON.parse(readFileSync(join(data, 'up.json'), 'utf8')) as UpFile);
    const addresses = upFiles.flatMap((one) => [one.api, one.web, one.temporal, new URL(one.database).host]);
    expect(new Set(addresses).size).toBe(8);
    const said = both.flatMap((one) => one.said).filter((line) => line.endsWith('could use it; others are tried'));
    // They did choose the same ones: else this would show nothing.
    expect(said.length).toBeGreaterThan(0);
    for (const [index, data] of folders.entries())
      expect(
        await answers({ api: upFiles[index]?.api ?? '', token: readFileSync(join(data, 'api-token'), 'utf8').trim() }),
      ).toBe(true);
    for (const { child } of both) child.kill('SIGINT');
    const codes = await Promise.all(both.map(async ({ child }) => (await once(child, 'exit')) as [number | null]));
    expect(codes.map(([code]) => code)).toEqual([0, 0]);
  });

  it('ends what a killed one left, comes up again, and stops all in order when told to', async () => {
    const data = makeData();
    onTestFinished(() => remove(data));
    const first = up(data);
    await first.isUp();
    const left = childrenOf(data);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    expect(Object.values(left).filter(runs)).toHaveLength(4);

    const second = up(data);
    await second.isUp();
    expect(second.said.filter((line) => line.startsWith('ending')).map((line) => line.split(' ')[1])).toEqual([
      'worker',
      'api',
      'temporal',
      'postgres',
    ]);
    expect(Object.values(left).filter(runs)).toEqual([]);
    const children = childrenOf(data);
    second.child.kill('SIGINT');
    const [code] = (await once(second.child, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect(second.said.at(-1)).toBe('stopped');
    expect(Object.values(children).filter(runs)).toEqual([]);
  });
});

/** What the CLI reads of a stack. */
interface UpFile {
  readonly api: string;
  readonly web: string;
  readonly temporal: string;
  readonly database: string;
}

function opens(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host: host ?? '', port: Number(port) });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
