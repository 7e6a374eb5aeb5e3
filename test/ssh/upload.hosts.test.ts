import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../activities/ssh/attempt.js';
import { carryOut } from '../../activities/ssh/carry-out.js';
import { InputTurns } from '../../activities/ssh/input-turns.js';
import type { Filler } from '../../activities/ssh/needs.js';
import type { Destination, PartRequest, Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { step } from '../database/example.js';
import { compileStep } from '../steps/cases.js';
import { attemptOf } from './attempt.js';
import { request, shells, stdoutOf } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

const mib = 1024 * 1024;

describe.each(shells)('a file that is sent to a host with %s', (_, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let folder: string;
  let path: string;
  let asked: PartRequest[];
  let spoil: (request: PartRequest) => PartRequest;
  let destination: Destination;
  let line: Server;
  /** Bytes to the host after which the first connection is cut. */
  let cutAfter: number;
  /** What lay beside the file, and in it, when the line was cut. */
  let atCut: unknown[];

  beforeEach(async () => {
    sshd = await startSshd();
    sessions = createSessions({ stateDirectory: sshd.state, shell });
    folder = join(sshd.folder, 'to');
    path = join(folder, 'a');
    mkdirSync(folder);
    [asked, cutAfter, atCut, spoil] = [[], Infinity, [], (request) => request];
    line = createServer((worker) => passOn(worker));
    await new Promise<void>((listens) => line.listen(0, '127.0.0.1', listens));
    destination = { ...sshd.destination(), port: (line.address() as AddressInfo).port };
  });
  afterEach(async () => {
    await sessions.close();
    line.close();
    await sshd.stop();
  });

  function passOn(worker: Socket): void {
    const host = connect({ host: '127.0.0.1', port: sshd.port });
    let sent = 0;
    worker.on('data', (bytes: Buffer) => {
      sent += bytes.length;
      if (sent < cutAfter) return void host.write(bytes);
      cutAfter = Infinity;
      atCut = [readFileSync(path, 'utf8'), readdirSync(folder)];
      for (const end of [worker, host]) end.destroy();
    });
    host.on('data', (bytes: Buffer) => worker.write(bytes));
    for (const [one, other] of [
      [worker, host],
      [host, worker],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  }

  /** The session, with each request noted and perhaps changed on its way. */
  const watched = (session: Session): Session =>
    new Proxy(session, {
      get: (target, name) => {
        if (name === 'run')
          return async (request: PartRequest, ...more: []) => {
            asked.push(request);
            return target.run(spoil(request), ...more);
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

  async function send(content: Buffer, more: object = {}, filler?: Filler): Promise<Outcome> {
    const source = 'content' in more ? {} : { source: 'a' };
    const operation = compileStep({ file: { path, ...source, ...more } }, { a: content });
    if (operation.on !== 'host') throw new Error('of another place');
    const opened = async (to: Destination, holder: number, task?: string): Promise<Session> =>
      watched(await sessions.open(to, holder, task));
    const attempt = attemptOf({
      name: { run: 'run-abcdefgh', step: 'send', host: 'h1' },
      step: step('send', ['h1'], { operations: [operation] }),
      work: { destination, operation, intents: [] },
      session: await opened(destination, 100),
      ...(filler && { filler }),
      needs: {
        sessions: { open: opened } as Sessions,
        limits: { outcome: 20, look: 60, output: mib },
      },
    });
    return carryOut(attempt);
  }

  const partsAsked = (): string[] => asked.map(({ part }) => part);

  test.each([0, 1, 4096, 4097, mib - 1, mib, mib + 1, 3 * mib + 17])(
    'of %i bytes, NUL and all, is there whole, and nothing else',
    async (size) => {
      const content = randomBytes(size);
      if (size > 9) content.fill(0, 3, 9);
      writeFileSync(path, 'old', { mode: 0o640 });
      expect(await send(content)).toMatchObject({
        ending: 'done',
        preImage: expect.stringMatching(/^file [0-9a-f]{64} 640 0:0 [0-9a-f]{16}$/),
        postImage: expect.stringMatching(/^file [0-9a-f]{64} 640 0:0 [0-9a-f]{16}$/),
      });
      expect(readFileSync(path).equals(content)).toBe(true);
      expect([statSync(path).mode & 0o7777, readdirSync(folder)]).toEqual([0o640, ['a']]);
      expect(partsAsked()).toEqual(['capture', 'do', 'verify']);
    },
  );

  test('lets the next one go as soon as it has arrived, though its script still runs', async () => {
    const inputs = new InputTurns(1, 600_000);
    const own = createSessions({ stateDirectory: sshd.state, shell, inputs });
    const session = await own.open(destination, 100);
    const stopped = new AbortController();
    const script = 'wc -c; sleep 600';
    const runs = [1, 2].map(async (n) =>
      session.run(request(script, { task: `run-abcdefgh.${n}`, stdin: randomBytes(mib) }), undefined, stopped.signal),
    );
    await expect.poll(async () => `${await stdoutOf(session, 'run-abcdefgh.2')}`).toMatch(/^ *1048576\n$/);
    stopped.abort();
    expect((await Promise.all(runs)).map(({ how }) => how)).toEqual(['cancelled', 'cancelled']);
    await own.close();
  });

  test('is not sent where it is there already, and nothing is saved', async () => {
    const content = randomBytes(mib);
    writeFileSync(path, content, { mode: 0o644 });
    expect(await send(content)).toMatchObject({ ending: 'ok' });
    expect([
      partsAsked(),
      readdirSync(sshd.state, { recursive: true }).filter((name) => `${name}`.endsWith('content')),
    ]).toEqual([['capture'], []]);
  });

  test('is refused where other bytes arrive, and what was there stays', async () => {
    writeFileSync(path, 'old');
    spoil = (request) =>
      request.part === 'do' ? { ...request, script: { ...request.script, stdin: randomBytes(mib) } } : request;
    expect(await send(randomBytes(mib))).toMatchObject({
      ending: 'refused',
      failure: { kind: 'step/refused', known: expect.stringContaining('did not arrive whole') },
    });
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ['a']]);
  });

  test.each([0, 3])(
    'is refused where somebody has written to the file, which was %i seconds old, since it was captured',
    async (age) => {
      writeFileSync(path, 'old');
      await until('it is old enough', () => Date.now() - statSync(path).ctimeMs > age * 1000);
      spoil = (request) => {
        if (request.part === 'do') writeFileSync(path, 'new');
        return request;
      };
      expect(await send(randomBytes(mib))).toMatchObject({
        ending: 'refused',
        failure: { known: expect.stringContaining('changed since it was captured') },
      });
      expect(readFileSync(path, 'utf8')).toBe('new');
    },
  );

  test('that is cut off in the midst shows nothing half done, and is taken up again', async () => {
    writeFileSync(path, 'old');
    const content = randomBytes(2 * mib);
    cutAfter = mib;
    expect(await send(content)).toMatchObject({ ending: 'done' });
    expect([atCut, partsAsked()]).toEqual([
      ['old', ['a']],
      ['capture', 'do', 'capture', 'do', 'verify'],
    ]);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('with a secret in it is on no disk but at its place', async () => {
    const secret = randomBytes(mib).toString('hex');
    const filler = {
      fill: (text: unknown) =>
        typeof text === 'string' ? { value: text, secret: false } : { value: secret, secret: true },
      secrets: [secret],
    };
    expect(await send(Buffer.alloc(0), { content: '${{ secret.password }}' }, filler)).toMatchObject({
      ending: 'done',
    });
    expect([readFileSync(path, 'utf8') === secret, statSync(path).mode & 0o7777]).toEqual([true, 0o600]);
    const journal = readdirSync(sshd.state, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    expect(journal.filter((one) => readFileSync(join(one.parentPath, one.name)).includes(secret.slice(0, 64)))).toEqual(
      [],
    );
  });
});
