import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Destination, Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { gather, request } from './request.js';
import { until } from './sshd.js';

const name = 'runner-test';
const host = 'node1';
const counted = 'echo begun >>/root/ledger; i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo "line $i"; sleep 0.1; done';
const lines = Array.from({ length: 150 }, (_, index) => `line ${index + 1}\n`).join('');

describe('a real host', () => {
  let lab: Lab;
  let destination: Destination;
  let sessions: Sessions;
  let session: Session;
  let holder = 100;
  let task: string;
  beforeAll(async () => {
    lab = await labUp({ name, description: { hosts: { [host]: {} } } });
    const { address, port, hostKeys } = lab.host(host);
    destination = { host, address, port, user: 'root', hostKeys, key: { privateKey: readFileSync(lab.keyFile) } };
  });
  afterAll(async () => {
    await labDown(name);
  });
  beforeEach(async () => {
    sessions = createSessions();
    session = await sessions.open(destination, ++holder);
    task = `lab.t${holder}`;
    await lab.exec(host, ['rm', '-f', '/root/ledger']);
  });
  afterEach(async () => sessions.close());

  const ledger = (): string => readFileSync(join(lab.host(host).root, 'root', 'ledger'), 'utf8');
  const state = async (): Promise<string | undefined> => (await session.look(task)).claims[0]?.state;

  test('keeps its journal for root alone, on disk, and tells its facts', async () => {
    expect(session.facts).toMatchObject({ os: 'debian', os_version: '12', init: 'sysv' });
    const { stdout } = await lab.exec(host, ['stat', '-c', '%a %U', '/var/lib/belay/node1']);
    expect(String(stdout).trim()).toBe('700 root');
  });

  test('still has its null device after a secret came by environment alone, and runs the next script', async () => {
    const secret = { task, holder, secret: true, environment: { PASSWORD: 'planted' } };
    expect(await session.run(request('[ "$PASSWORD" = planted ]', secret))).toMatchObject({ how: 'exited', code: 0 });
    const { stdout } = await lab.exec(host, ['stat', '-c', '%F %t:%T', '/dev/null']);
    expect(String(stdout).trim()).toBe('character special file 1:3');
    const next = request('read -r line && exit 1; echo lost >/dev/null', { task, holder, attempt: 2 });
    expect(await session.run(next)).toMatchObject({ how: 'exited', code: 0 });
  });

  test.each(['DROP', 'REJECT'] as const)(
    'that is cut off (%s) is lost in time, and taken up again without a gap',
    async (how) => {
      const running = session.run(request(counted, { task, holder }));
      await until('it runs', async () => (await state()) === 'running');
      const began = performance.now();
      await lab.cut(host, how);
      expect(await running).toMatchObject({ how: 'lost', failure: { kind: 'host/unreachable' } });
      expect(performance.now() - began).toBeLessThan(12_000);
      await expect(sessions.open(destination, holder)).rejects.toMatchObject({ failure: { kind: 'host/unreachable' } });
      await lab.heal(host);
      session = await sessions.open(destination, ++holder);
      const gathered = gather();
      expect(await session.follow({ task, attempt: 1, part: 'do' }, gathered.watch)).toMatchObject({
        how: 'exited',
        code: 0,
      });
      expect(gathered.text()).toBe(lines);
      expect(ledger()).toBe('begun\n');
    },
  );

  test('that lost power remembers what had begun, and that nobody knows its end', async () => {
    const { nonce, bootId } = session;
    expect(
      await session.run(request('echo image; echo old >"$BELAY_SAVE/content"', { task, holder, part: 'capture' })),
    ).toMatchObject({ code: 0 });
    const ended = request('true', { task, holder, attempt: 1 });
    expect(await session.run(ended)).toMatchObject({ code: 0 });
    const running = session.run(request(counted, { task, holder, attempt: 2 }));
    await until('it runs', async () => (await session.look(task)).claims[1]?.state === 'running');
    await lab.powerCut(host);
    expect(await running).toMatchObject({ how: 'lost' });
    await lab.powerOn(host);
    session = await sessions.open(destination, ++holder);
    expect(session.nonce).toBe(nonce);
    expect(session.bootId).not.toBe(bootId);
    expect(await session.look(task)).toMatchObject({
      preImage: 'image',
      claims: [
        { attempt: 1, bootId, state: 'exited', code: 0 },
        { attempt: 2, bootId, state: 'dead' },
      ],
    });
    expect(await session.follow({ task, attempt: 2, part: 'do' })).toMatchObject({
      how: 'lost',
      failure: { kind: 'host/rebooted' },
    });
    expect(await session.run(request('true', { task, holder, attempt: 3 }))).toMatchObject({ how: 'exited', code: 0 });
  });

  test('whose journal was removed shows another nonce', async () => {
    const { nonce } = session;
    await sessions.close();
    await lab.exec(host, ['rm', '-rf', '/var/lib/belay/node1']);
    session = await sessions.open(destination, ++holder);
    expect(session.nonce).not.toBe(nonce);
  });
});
