import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { processesNamed } from './processes.js';
import { gather, request, shells, stdoutOf } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

/** Milliseconds that are long before what is waited for would end by itself, and enough for a busy machine. */
const soon = 30_000;

describe.each(shells)('how a part ends under %s', (_, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  beforeAll(async () => {
    sshd = await startSshd();
    sessions = createSessions({ stateDirectory: sshd.state, shell });
    session = await sessions.open(sshd.destination(), 100);
  });
  afterAll(async () => {
    await sessions.close();
    await sshd.stop();
  });

  test.each([0, 1, 126, 137, 255])('with the code that it exits with: %i', async (code) => {
    const task = `code.c${code}`;
    expect(await session.run(request(`exit ${code}`, { task }))).toMatchObject({ how: 'exited', code });
  });

  test('at its time limit, with all its children, even where they ignore TERM', async () => {
    const marker = `9${process.pid}1`;
    const text = `trap '' TERM INT HUP; (trap '' TERM; sleep ${marker}) | cat | (trap '' TERM; sleep ${marker}; :)`;
    const began = performance.now();
    expect(await session.run(request(text, { task: 'limit.a', seconds: 1 }))).toMatchObject({ how: 'timed-out' });
    expect(performance.now() - began).toBeLessThan(soon);
    await until('its processes are gone', () => processesNamed(`sleep ${marker}`).length === 0);
    expect((await session.look('limit.a')).claims).toMatchObject([{ state: 'timed-out' }]);
  });

  test('soon after a cancel, with all its children', async () => {
    const marker = `9${process.pid}2`;
    const abort = new AbortController();
    const running = session.run(
      request(`trap '' TERM; sleep ${marker} | sleep ${marker}`, { task: 'cancel.a' }),
      undefined,
      abort.signal,
    );
    await until('it runs', () => processesNamed(`sleep ${marker}`).length === 2);
    const began = performance.now();
    abort.abort();
    expect(await running).toMatchObject({ how: 'cancelled' });
    expect(performance.now() - began).toBeLessThan(soon);
    await until('its processes are gone', () => processesNamed(`sleep ${marker}`).length === 0);
  });

  test('refused where the cancel came before it began', async () => {
    const end = await session.run(request('true', { task: 'cancel.b' }), undefined, AbortSignal.abort());
    expect(end).toMatchObject({ how: 'refused', failure: { kind: 'step/cancelled' } });
    expect((await session.look('cancel.b')).claims).toEqual([]);
  });

  test('when it exits, though a daemon of its own still holds its output', async () => {
    const marker = `9${process.pid}3`;
    const began = performance.now();
    const gathered = gather();
    const end = await session.run(
      request(`echo started; setsid sleep ${marker} & echo "$!"`, { task: 'daemon.a' }),
      gathered.watch,
    );
    expect(end).toMatchObject({ how: 'exited', code: 0 });
    expect(performance.now() - began).toBeLessThan(soon);
    // The script may have ended before its daemon has become what it is to be.
    await until('the daemon runs', () => processesNamed(`sleep ${marker}`).length === 1);
    for (const { pid } of processesNamed(`sleep ${marker}`)) process.kill(pid, 'SIGKILL');
    expect(gathered.text()).toMatch(/^started\n\d+\n$/);
  });

  test('with 8 MiB on stderr read, and stdout in order beside it', async () => {
    const gathered = gather();
    const text = 'echo first; head -c 8388608 /dev/zero >&2; echo last';
    const end = await session.run(request(text, { task: 'loud.a', outputLimit: 16_000_000 }), gathered.watch);
    expect(end).toMatchObject({ how: 'exited', code: 0 });
    expect(gathered.text()).toBe('first\nlast\n');
    expect(gathered.bytes('stderr').length).toBe(8_388_608);
  });

  test('with output beyond the limit counted and dropped, and the script none the wiser', async () => {
    const gathered = gather();
    const text = 'for i in $(seq 30); do head -c 100000 /dev/zero || exit 9; sleep 0.1; done; echo end >&2';
    const end = await session.run(request(text, { task: 'much.a', outputLimit: 5000 }), gathered.watch);
    expect(end).toMatchObject({ how: 'exited', code: 0 });
    // Nothing counts twice; what comes while a file is being cut is seen by nobody.
    const { dropped = 0 } = end as { dropped?: number };
    expect(dropped).toBeLessThanOrEqual(3_000_000 - 5000);
    expect(dropped).toBeGreaterThanOrEqual(2_500_000 - 5000);
    expect(gathered.bytes().length).toBe(5000);
    expect(gathered.text('stderr')).toBe('end\n');
    const journal = join(sshd.state, 'h1');
    const folder = join(journal, 't', readFileSync(join(journal, 'names', 'much.a'), 'utf8').trim());
    await until('the host keeps no more than the limit', () => largest(folder) <= 5000);
    expect(await stdoutOf(session, 'much.a')).toHaveLength(5000);
  });

  test('with output seen soon after it was written', async () => {
    let late: number | undefined;
    const task = 'live.a';
    const running = session.run(
      request('sleep 1; cut -d" " -f1 /proc/uptime; sleep 5', { task }),
      async ({ bytes }) => {
        late = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - Number(Buffer.from(bytes).toString());
      },
    );
    await until('the first line is there', () => late !== undefined);
    expect(late).toBeLessThan(4);
    expect((await session.look(task)).claims).toMatchObject([{ state: 'running' }]);
    await running;
  });

  test('with a watcher that fails, the failure is the watcher’s and the script goes on', async () => {
    const running = session.run(request('echo x; sleep 1; echo done', { task: 'watch.a' }), async () => {
      throw new Error('the database is away');
    });
    await expect(running).rejects.toThrow('the database is away');
    expect(await session.follow({ task: 'watch.a', part: 'do', attempt: 1 })).toMatchObject({ how: 'exited', code: 0 });
    expect((await stdoutOf(session, 'watch.a')).toString()).toBe('x\ndone\n');
  });
});

/** Size of the largest file of output under a folder. */
function largest(folder: string): number {
  const files = readdirSync(folder).filter((name) => /\.(?:out|err)$/.test(name));
  return Math.max(...files.map((name) => statSync(join(folder, name)).size));
}
