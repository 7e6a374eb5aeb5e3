import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { hesitantShell } from './hesitant-shell.js';
import { processes, runnersOf } from './processes.js';
import { request, shells } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';
import { startWorker } from './start-worker.js';

const stale = { failure: { kind: 'host/stale-holder' } };

describe.each(shells)('the highest holder alone acts on a host under %s', (name, shell) => {
  let sshd: Sshd;
  const opened: Sessions[] = [];
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    for (const sessions of opened) await sessions.close();
    await sshd.stop();
  });

  /** A worker of its own, as far as the host can tell. */
  const open = async (host: string, holder: number): Promise<Session> => {
    const sessions = createSessions({ stateDirectory: sshd.state, shell });
    opened.push(sessions);
    return sessions.open(sshd.destination(host), holder);
  };

  /** An effect that counts itself. */
  const counted = (name: string): { readonly environment: Record<string, string>; readonly count: () => number } => {
    const ledger = join(sshd.folder, `${name}.ledger`);
    writeFileSync(ledger, '');
    return { environment: { LEDGER: ledger }, count: () => readFileSync(ledger, 'utf8').split('\n').length - 1 };
  };
  const count = 'echo done >>"$LEDGER"';

  test('a lower holder is refused when it comes later', async () => {
    await open('later', 200);
    await expect(open('later', 199)).rejects.toMatchObject(stale);
    await until('the one that was turned away has gone', () => runnersOf(sshd.state, 'later').length === 1);
  });

  test('a holder that is told to the runner is remembered, also after the runner is gone', async () => {
    const sessions = createSessions({ stateDirectory: sshd.state, shell });
    const destination = sshd.destination('told');
    expect(await sessions.open(destination, 200)).toBe(await sessions.open(destination, 300));
    await expect(sessions.open(destination, 299)).rejects.toMatchObject(stale);
    await sessions.close();
    await expect(open('told', 299)).rejects.toMatchObject(stale);
    await open('told', 300);
  });

  test('a connection that nobody uses is closed, and not while a script runs', async () => {
    const sessions = createSessions({ stateDirectory: sshd.state, shell, idle: 400 });
    opened.push(sessions);
    const session = await sessions.open(sshd.destination('idle'), 200);
    expect(await session.run(request('sleep 1.5', { holder: 200 }))).toMatchObject({ how: 'exited', code: 0 });
    await until('its runner has gone', () => runnersOf(sshd.state, 'idle').length === 0);
    expect(await sessions.open(sshd.destination('idle'), 200)).not.toBe(session);
  });

  test('of many connections those are closed first that were unused longest', async () => {
    const sessions = createSessions({ stateDirectory: sshd.state, shell, idle: 12_000, keep: 2 });
    opened.push(sessions);
    const open = async (host: string): Promise<Session> => sessions.open(sshd.destination(host), 200);
    const [first, second] = [await open('first'), await open('second')];
    const busy = first.run(request('sleep 1', { holder: 200 }));
    await sleep(300);
    const third = await open('third');
    expect(await busy).toMatchObject({ how: 'exited', code: 0 });
    expect(await open('first')).toBe(first);
    expect(await open('third')).toBe(third);
    expect(await open('second')).not.toBe(second);
  });

  test('a request with a lower holder starts nothing, even on a runner that is shared', async () => {
    const { environment, count: happened } = counted('shared');
    const session = await open('shared', 200);
    for (const part of ['check', 'do', 'undo'] as const) {
      const end = await session.run(request(count, { part, holder: 199, environment }));
      expect(end).toMatchObject({ how: 'refused', ...stale });
    }
    expect(await session.look('run-abcdefgh.step')).toEqual({ claims: [] });
    expect(happened()).toBe(0);
  });

  test('of two that come at once, the higher stays, whichever was first', async () => {
    for (let round = 0; round < 4; round += 1) {
      const host = `at-once-${round}`;
      const pair = round % 2 === 0 ? [300, 301] : [301, 300];
      const [first, second] = await Promise.allSettled(pair.map(async (holder) => open(host, holder)));
      const higher = round % 2 === 0 ? second : first;
      expect(higher?.status).toBe('fulfilled');
      await until('one runner is left', () => runnersOf(sshd.state, host).length === 1);
      const session = (higher as PromiseFulfilledResult<Session>).value;
      expect(await session.run(request('true', { holder: 301 }))).toMatchObject({ how: 'exited', code: 0 });
    }
  });

  test('of two with the same number, one stays', async () => {
    for (let round = 0; round < 4; round += 1) {
      const host = `same-${round}`;
      const both = await Promise.allSettled([open(host, 300), open(host, 300)]);
      expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
      await until('one runner is left', () => runnersOf(sshd.state, host).length === 1);
      await open(host, 300);
    }
  });

  test('a frozen worker that thaws can start nothing more', async () => {
    const { environment, count: happened } = counted('frozen');
    const worker = startWorker({ destination: sshd.destination('frozen'), state: sshd.state, shell, holder: 400 });
    onTestFinished(() => worker.kill('SIGKILL'));
    worker.order({ order: 'open' });
    await worker.says(/^open$/);
    worker.kill('SIGSTOP');
    const session = await open('frozen', 401);
    worker.order({ order: 'run', text: `echo done >>'${environment['LEDGER']}'`, task: 'frozen.a', attempt: 1 });
    worker.kill('SIGCONT');
    expect(await worker.says(/^end |^failed /)).toMatch(/"how":"(lost|refused)"/);
    worker.order({ order: 'open' });
    await worker.says(/^failed host\/stale-holder$/);
    expect(happened()).toBe(0);
    expect(await session.look('frozen.a')).toEqual({ claims: [] });
  });

  test('whatever a take-over interrupts, an attempt happens once', async () => {
    for (let round = 0; round < (name === 'dash' ? 12 : 4); round += 1) {
      const { environment, count: happened } = counted(`race-${round}`);
      const options = { task: 'race.a', environment };
      const old = await open(`race-${round}`, 500);
      void old.run(request(count, { ...options, holder: 500 }));
      await sleep(round % 5);
      const session = await open(`race-${round}`, 501);
      const claim = (await session.look('race.a')).claims[0];
      const end = claim
        ? await session.follow({ task: 'race.a', attempt: 1, part: 'do' })
        : await session.run(request(count, { ...options, holder: 501 }));
      expect(end).toMatchObject({ how: 'exited', code: 0 });
      expect(happened()).toBe(1);
    }
  });

  test('what an old runner was about to start never starts once another has taken over', async () => {
    const { environment, count: happened } = counted('late');
    const gate = join(sshd.folder, 'gate');
    const sessions = createSessions({ stateDirectory: sshd.state, shell: [hesitantShell(sshd.folder, shell, gate)] });
    opened.push(sessions);
    const old = await sessions.open(sshd.destination('late'), 600);
    const running = old.run(request(count, { task: 'late.a', environment, holder: 600 }));
    await until('its claim is there', async () => (await old.look('late.a')).claims[0]?.state === 'running');
    const session = await open('late', 601);
    expect(await running).toMatchObject({ how: 'lost' });
    expect(await session.look('late.a')).toEqual({ claims: [] });
    writeFileSync(gate, '');
    expect(await session.run(request(count, { task: 'late.a', environment, holder: 601 }))).toMatchObject({ code: 0 });
    await until('the late wrapper has gone', () => !processes().some((one) => one.command.includes(gate)));
    expect(happened()).toBe(1);
  });
});
