import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scanHostKeys } from '../../activities/ssh/scan-host-keys.js';
import type { Destination, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { processes, type Process } from './processes.js';
import { gather, request, stdoutOf } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

/** What a server logs only once a client has begun to log in. */
const loginBegan = /userauth-request|Accepted|Failed/;

describe('a host behind another one', () => {
  let target: Sshd;
  let gate: Sshd;
  let sessions: Sessions;
  beforeEach(async () => {
    target = await startSshd();
    gate = await startSshd({ configuration: ['ForceCommand /bin/false', 'PermitTTY no'] });
    sessions = createSessions({ stateDirectory: target.state });
  });
  afterEach(async () => {
    await sessions.close();
    await gate.stop();
    await target.stop();
  });

  const through = (jump: Partial<Destination> = {}, host = 'behind'): Destination => ({
    ...target.destination(host),
    jump: { ...gate.destination('gate'), ...jump },
  });
  const logins = (sshd: Sshd): number => sshd.log().match(/Accepted publickey/g)?.length ?? 0;
  const connections = (sshd: Sshd): Process[] => {
    const daemon = Number(readFileSync(join(sshd.folder, 'pid'), 'utf8'));
    return processes().filter((one) => one.parent === daemon);
  };
  const otherKey = (): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(gate.folder, 'other')]);
    return readFileSync(join(gate.folder, 'other.pub'), 'utf8');
  };

  test('is reached through one on which nothing can be run', async () => {
    const session = await sessions.open(through(), 100);
    expect(await session.run(request('echo here'))).toMatchObject({ how: 'exited', code: 0 });
    expect((await stdoutOf(session)).toString()).toBe('here\n');
    expect([logins(gate), logins(target)]).toEqual([1, 1]);
  });

  test('is reached through two, each known by its own key', async () => {
    const inner = await startSshd();
    const jump = { ...inner.destination('inner'), jump: gate.destination('gate') };
    const session = await sessions.open({ ...target.destination('behind'), jump }, 100);
    expect(await session.run(request('true'))).toMatchObject({ how: 'exited', code: 0 });
    expect([logins(gate), logins(inner), logins(target)]).toEqual([1, 1, 1]);
    await sessions.close();
    await inner.stop();
  });

  test('shares its connection with seven others, and that ends with the last of them', async () => {
    await Promise.all(Array.from({ length: 8 }, async (_, index) => sessions.open(through({}, `h${index}`), 100)));
    expect([logins(gate), logins(target)]).toEqual([1, 8]);
    await Promise.all([8, 9].map(async (index) => sessions.open(through({}, `h${index}`), 100)));
    expect([logins(gate), logins(target)]).toEqual([2, 10]);
    expect(connections(gate)).toHaveLength(2);
    await sessions.close();
    await until('nobody is connected', () => connections(gate).length === 0);
  });

  test.each([
    ['host/key-unknown', []],
    ['host/key-changed', undefined],
  ])('is not reached where the key of the one between is wrong (%s): nothing logs in anywhere', async (kind, keys) => {
    const hostKeys = keys ?? [otherKey()];
    await expect(sessions.open(through({ hostKeys }), 100)).rejects.toMatchObject({
      failure: {
        kind,
        tried: expect.stringMatching(/^connecting to gate .* on the way to behind$/),
        next: expect.stringContaining('belay host enrol gate'),
      },
    });
    expect(gate.log()).not.toMatch(loginBegan);
    expect(target.log()).not.toMatch(loginBegan);
  });

  test('is not logged in to where its own key is wrong, through whatever it was reached', async () => {
    await expect(sessions.open({ ...through(), hostKeys: [otherKey()] }, 100)).rejects.toMatchObject({
      failure: { kind: 'host/key-changed', tried: expect.stringContaining('through gate') },
    });
    expect(logins(gate)).toBe(1);
    expect(target.log()).not.toMatch(loginBegan);
  });

  test('is unreachable where the one between forwards nothing, and the failure says so', async () => {
    await gate.restart(['AllowTcpForwarding no']);
    await expect(sessions.open(through(), 100)).rejects.toMatchObject({
      failure: {
        kind: 'host/unreachable',
        known: expect.stringContaining('gate opened no way there'),
        next: expect.stringContaining('AllowTcpForwarding'),
      },
    });
  });

  test('is unreachable where nothing listens behind, and is tried again later over the same way', async () => {
    const wrong = { ...through(), port: 1 };
    await expect(sessions.open(wrong, 100)).rejects.toMatchObject({ failure: { kind: 'host/unreachable' } });
    expect(await (await sessions.open(through(), 100)).run(request('true'))).toMatchObject({ code: 0 });
  });

  test('is lost with the connection of the one between, goes on, and is taken up again', async () => {
    const session = await sessions.open(through(), 100);
    const running = session.run(request('echo one; sleep 1; echo two'));
    await until('it runs', async () => (await session.look('run-abcdefgh.step')).claims[0]?.state === 'running');
    for (const { pid } of connections(gate)) process.kill(pid, 'SIGKILL');
    expect(await running).toMatchObject({ how: 'lost', failure: { kind: 'host/unreachable' } });
    const again = await sessions.open(through(), 101);
    const gathered = gather();
    const followed = await again.follow({ task: 'run-abcdefgh.step', attempt: 1, part: 'do' }, gathered.watch);
    expect(followed).toMatchObject({ how: 'exited', code: 0 });
    expect(gathered.text()).toBe('one\ntwo\n');
  });

  test('shows its keys through the other one', async () => {
    const place = { host: 'behind', address: '127.0.0.1', port: target.port, jump: gate.destination('gate') };
    expect((await scanHostKeys(place)).keys).toEqual([target.hostKey]);
    expect(target.log()).not.toMatch(loginBegan);
  });
});
