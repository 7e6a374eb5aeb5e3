import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { processesNamed } from './processes.js';
import { gather, request, stdoutOf } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

const busybox = '/usr/bin/busybox';

/** Every program of a host is busybox's own, as on Alpine and on small appliances; those named are not there at all. */
const onlyBusybox =
  (...without: readonly string[]) =>
  (folder: string): string => {
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    writeFileSync(join(folder, 'nothing'), '', { mode: 0o644 });
    const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
    for (const name of applets) if (!without.includes(name)) symlinkSync(busybox, join(programs, name));
    const hidden = without.map((name) => `mount --bind ${join(folder, 'nothing')} /usr/bin/${name}`);
    return [`mount --bind ${programs} /usr/local/bin`, ...hidden].join(' && ');
  };

describe.each([
  ['with setsid', onlyBusybox()],
  ['without setsid', onlyBusybox('setsid')],
])('a host that has nothing but busybox, %s,', (name, view) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  const host = name.replace(' ', '-');
  beforeAll(async () => {
    sshd = await startSshd({ view });
    sessions = createSessions({ stateDirectory: sshd.state, shell: [busybox, 'ash'] });
    session = await sessions.open(sshd.destination(host), 100);
  });
  afterAll(async () => {
    await sessions.close();
    await sshd.stop();
  });

  test('really has its programs from there', async () => {
    const text = 'for one in dd find grep head stat tail rm; do readlink -f "$(command -v $one)"; done | sort -u';
    expect(await session.run(request(text, { task: 'busy.box' }))).toMatchObject({ how: 'exited', code: 0 });
    expect((await stdoutOf(session, 'busy.box')).toString()).toBe(`${busybox}\n`);
  });

  test('takes big input, in memory where it is secret, and gives its output back', async () => {
    const stdin = Buffer.alloc(1_500_000, 'every byte\n');
    for (const secret of [true, false]) {
      const task = `busy.${secret ? 'secret' : 'open'}`;
      const gathered = gather();
      const sent = request('cat; echo "$WORD" >&2', {
        task,
        stdin,
        secret,
        environment: { WORD: 'told' },
        outputLimit: 2_000_000,
      });
      expect(await session.run(sent, gathered.watch)).toMatchObject({ how: 'exited', code: 0 });
      expect(gathered.bytes().equals(stdin)).toBe(true);
      expect(gathered.text('stderr')).toBe('told\n');
    }
    expect(readdirSync(`/dev/shm/belay-${session.nonce}`)).toEqual([]);
  });

  test('keeps a pre-image, and gives and forgets it', async () => {
    const task = 'busy.image';
    await session.run(request('echo old >"$BELAY_SAVE/content"; echo image', { task, part: 'capture' }));
    expect((await session.look(task)).preImage).toBe('image');
    expect(Buffer.from((await session.saved(task, 'content', 100)) ?? []).toString()).toBe('old\n');
    await session.forget([task]);
    expect(await session.look(task)).toEqual({ claims: [] });
  });

  test('cuts output at its limit', async () => {
    const text = 'head -c 3000000 /dev/zero; sleep 2';
    const { watch, bytes } = gather();
    const end = await session.run(request(text, { task: 'busy.cut', outputLimit: 100_000 }), watch);
    expect(bytes()).toHaveLength(100_000);
    expect(end).toMatchObject({ how: 'exited', code: 0, dropped: 2_900_000 });
  });

  test('ends at a time limit all that a script has started', async () => {
    const marker = `8${process.pid}${name.length}`;
    const text = `sleep ${marker} & sh -c 'sleep ${marker}1 &'; wait`;
    const running = session.run(request(text, { task: 'busy.late', seconds: 2 }));
    const named = (): number[] => [marker, `${marker}1`].map((one) => asleep(one));
    await until('it runs', () => named().every((count) => count === 1));
    expect(await running).toMatchObject({ how: 'timed-out' });
    await until('all of it is gone', () => named().every((count) => count === 0));
  });

  test('is taken over by a newer holder', async () => {
    const later = createSessions({ stateDirectory: sshd.state, shell: [busybox, 'ash'] });
    await later.open(sshd.destination(host), 200);
    await expect(session.look('busy.box')).rejects.toMatchObject({ failure: { kind: 'host/unreachable' } });
    await later.close();
  });
});

/** How many `sleep`s of that length there are, whichever program they are of. */
function asleep(seconds: string): number {
  return processesNamed(`sleep ${seconds}`).length;
}
