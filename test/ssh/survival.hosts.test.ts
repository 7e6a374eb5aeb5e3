import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { processes, processesNamed, runnersOf, type Process } from './processes.js';
import { gather, request, shells } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';
import { startWorker } from './start-worker.js';

/** Writes a line to the ledger, as an effect would, and one to stdout every 50 ms. */
const noted =
  'echo begun >>"$0.ledger"; i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done; exit 7';
const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join('');

describe.each(shells)('what a host began goes on and is taken up again under %s', (name, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  let number = 0;
  let task: string;
  let holder = 100;
  const host = `h-${name}`;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => sshd.stop());
  beforeEach(async () => {
    task = `survive.t${++number}`;
    sessions = createSessions({ stateDirectory: sshd.state, shell });
    session = await sessions.open(sshd.destination(host), ++holder);
  });
  afterEach(async () => sessions.close());

  const journal = (): string => join(sshd.state, host);
  const folder = (): string => join(journal(), 't', readFileSync(join(journal(), 'names', task), 'utf8').trim());
  /** How often the effect happened, by what it wrote itself: the script's own name is unique to its start. */
  const ledger = (): string[] => ledgerIn(folder());
  const claim = async (): Promise<unknown> => (await session.look(task)).claims[0];
  const begun = async (): Promise<void> => until('it has begun', async () => hasLedger(folder));
  const runner = async (): Promise<Process> => {
    const found = (): Process[] => runnersOf(sshd.state, host);
    await until('the runner before has ended', () => found().length === 1);
    return found()[0]!;
  };

  /** Opens again as a later worker would, follows, and checks that nothing is missing and nothing happened twice. */
  const followed = async (): Promise<void> => {
    const again = await sessions.open(sshd.destination(host), ++holder);
    expect(again.nonce).toBe(session.nonce);
    expect((await again.look(task)).claims).toMatchObject([{ attempt: 1, part: 'do', bootId: again.bootId }]);
    const gathered = gather();
    expect(await again.follow({ task, attempt: 1, part: 'do' }, gathered.watch)).toMatchObject({
      how: 'exited',
      code: 7,
    });
    expect(gathered.text()).toBe(lines);
    expect(ledger()).toEqual(['begun']);
    session = again;
  };

  test('the controlling process is killed in mid-do', async () => {
    await sessions.close();
    const worker = startWorker({ destination: sshd.destination(host), state: sshd.state, shell, holder: ++holder });
    worker.order({ order: 'open' });
    worker.order({ order: 'run', text: noted, task, attempt: 1 });
    await worker.says(/^out /);
    worker.kill('SIGKILL');
    await worker.gone();
    await followed();
    expect(worker.lines.some((line) => line.startsWith('end '))).toBe(false);
  });

  test('the runner is killed on the host', async () => {
    const running = session.run(request(noted, { task, holder }));
    await begun();
    process.kill((await runner()).pid, 'SIGKILL');
    expect(await running).toMatchObject({ how: 'lost', failure: { kind: 'host/unreachable' } });
    await followed();
  });

  test('sshd’s child is killed', async () => {
    const running = session.run(request(noted, { task, holder }));
    await begun();
    process.kill((await runner()).parent, 'SIGKILL');
    expect(await running).toMatchObject({ how: 'lost', failure: { kind: 'host/unreachable' } });
    await followed();
  });

  test('the session is closed, and taken up when all is over', async () => {
    const running = session.run(request(noted, { task, holder }));
    await begun();
    await sessions.close();
    expect(await running).toMatchObject({ how: 'lost' });
    await until('the script has ended', () => processesNamed(`${shell.join(' ')} ${scriptOf(folder())}`).length === 0);
    await followed();
  });

  test('the wrapper is killed too: the script is followed to its end, which nobody knows', async () => {
    const marker = `8${process.pid}${number}`;
    const running = session.run(request(`sleep ${marker}; :`, { task, holder }));
    await until('it has begun', () => processesNamed(`sleep ${marker}`).length === 1);
    const sleeper = processesNamed(`sleep ${marker}`)[0];
    const leader = processes().find((one) => one.pid === sleeper?.parent);
    process.kill(leader?.parent ?? 0, 'SIGKILL');
    expect(await claim()).toMatchObject({ state: 'running' });
    process.kill(sleeper?.pid ?? 0, 'SIGKILL');
    expect(await running).toMatchObject({ how: 'lost', failure: { kind: 'step/outcome-unknown' } });
    expect(await claim()).toMatchObject({ state: 'dead', bootId: session.bootId });
    expect(await session.follow({ task, attempt: 1, part: 'do' })).toMatchObject({
      how: 'lost',
      failure: { kind: 'step/outcome-unknown' },
    });
  });

  test('a time limit is kept while nobody is connected', async () => {
    const marker = `8${process.pid}${number}`;
    void session.run(request(`sleep ${marker}`, { task, holder, seconds: 2 }));
    await until('it has begun', () => processesNamed(`sleep ${marker}`).length === 1);
    await sessions.close();
    await until('it was ended', () => processesNamed(`sleep ${marker}`).length === 0);
    session = await sessions.open(sshd.destination(host), ++holder);
    expect(await session.follow({ task, attempt: 1, part: 'do' })).toMatchObject({ how: 'timed-out' });
  });

  test('a cancel reaches what an earlier worker started', async () => {
    const marker = `8${process.pid}${number}`;
    void session.run(request(`trap '' TERM; sleep ${marker}; :`, { task, holder }));
    await until('it has begun', () => processesNamed(`sleep ${marker}`).length === 1);
    await sessions.close();
    session = await sessions.open(sshd.destination(host), ++holder);
    const abort = new AbortController();
    const following = session.follow({ task, attempt: 1, part: 'do' }, undefined, abort.signal);
    const began = performance.now();
    abort.abort();
    expect(await following).toMatchObject({ how: 'cancelled' });
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(processesNamed(`sleep ${marker}`)).toEqual([]);
  });

  test('a claim of another boot is dead, though a process with its number lives', async () => {
    const marker = `8${process.pid}${number}`;
    const running = session.run(request(`sleep ${marker}`, { task, holder }));
    await until('it has begun', () => processesNamed(`sleep ${marker}`).length === 1);
    const record = join(folder(), 'do.1.claim');
    const before = '11111111-2222-3333-4444-555555555555';
    const line = readFileSync(record, 'utf8');
    writeFileSync(record, line.replace(session.bootId, before));
    expect(await claim()).toMatchObject({ state: 'dead', bootId: before });
    writeFileSync(record, line);
    expect(await claim()).toMatchObject({ state: 'running', bootId: session.bootId });
    await session.quiet(task);
    await running;
  });

  test('a look of a session that is gone is ended before the next part of its task starts', async () => {
    const marker = `8${process.pid}${number}`;
    const save = 'echo old >"$BELAY_SAVE/content"; echo image';
    void session.run(
      request(`${save}; sleep ${marker}; echo late >"$BELAY_SAVE/content"`, { task, holder, part: 'capture' }),
    );
    await until('it has begun', () => processesNamed(`sleep ${marker}`).length === 1);
    await sessions.close();
    session = await sessions.open(sshd.destination(host), ++holder);
    const next = 'ls "$BELAY_SAVE"; echo new >"$BELAY_SAVE/content"; echo image2';
    expect(await session.run(request(next, { task, holder, part: 'capture', attempt: 2 }))).toMatchObject({ code: 0 });
    expect(processesNamed(`sleep ${marker}`)).toEqual([]);
    expect((await session.look(task)).preImage).toBe('image2');
    expect(Buffer.from((await session.saved(task, 'content', 100)) ?? []).toString()).toBe('new\n');
  });
});

function scriptOf(folder: string): string {
  const sheet = readdirSync(folder).find((name) => name.endsWith('.sh')) ?? '';
  return join(folder, sheet);
}

/** The lines of all ledgers in a task's folder. */
function ledgerIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ledger'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'));
}

function hasLedger(folder: () => string): boolean {
  try {
    return ledgerIn(folder()).length > 0;
  } catch {
    return false;
  }
}
