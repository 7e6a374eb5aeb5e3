import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { processesNamed, runnersOf } from './processes.js';
import { gather, request, shells } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

/** What stands in the place of setsid cannot be run. */
const hidden = (folder: string): string => {
  writeFileSync(join(folder, 'nothing'), '', { mode: 0o644 });
  return `mount --bind ${join(folder, 'nothing')} /usr/bin/setsid`;
};

describe.each(shells)('on a host without setsid, under %s,', (name, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  let number = 0;
  let task: string;
  let holder = 100;
  const host = `h-${name}`;
  beforeAll(async () => {
    sshd = await startSshd({ view: hidden });
  });
  afterAll(async () => sshd.stop());
  beforeEach(async () => {
    task = `bare.t${++number}`;
    sessions = createSessions({ stateDirectory: sshd.state, shell });
    session = await sessions.open(sshd.destination(host), ++holder);
  });
  afterEach(async () => sessions.close());

  const marker = (part: number): string => `sleep 8${process.pid}${number}${part}`;
  const runs = (part: number): boolean => processesNamed(marker(part)).length > 0;
  const group = (part: number): number | undefined => processesNamed(marker(part))[0]?.group;
  /** A child, a child with another environment, an orphan, one that hears no SIGTERM, and a daemon that has left. */
  const tree = (): string =>
    [
      `${marker(1)} & env -i ${marker(2)} &`,
      `sh -c '${marker(3)} &'`,
      `sh -c 'trap "" TERM; ${marker(4)}; :' &`,
      `perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV' ${marker(5)} &`,
      'wait',
    ].join('\n');

  test('what has begun goes on without its runner and is taken up again', async () => {
    const text = 'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done; exit 7';
    const running = session.run(request(text, { task, holder }));
    await until('it runs', async () => (await session.look(task)).claims[0]?.state === 'running');
    process.kill(runnersOf(sshd.state, host)[0]?.pid ?? 0, 'SIGKILL');
    expect(await running).toMatchObject({ how: 'lost' });
    session = await sessions.open(sshd.destination(host), ++holder);
    const gathered = gather();
    const end = await session.follow({ task, attempt: 1, part: 'do' }, gathered.watch);
    expect(end).toMatchObject({ how: 'exited', code: 7 });
    expect(gathered.text()).toBe(Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`).join(''));
  });

  test.each([
    ['a cancel', undefined],
    ['a time limit', 2],
  ])('%s ends all that a script has started, and nothing else', async (_, seconds) => {
    const bystander = session.run(request(`${marker(6)} & wait`, { task: `${task}-other`, holder }));
    const abort = new AbortController();
    const options = { task, holder, ...(seconds === undefined ? {} : { seconds }) };
    const running = session.run(request(tree(), options), undefined, abort.signal);
    await until('all of it runs', () => [1, 2, 3, 4, 5, 6].every(runs));
    expect(group(1)).toBe(group(6));
    expect(processesNamed(marker(3))[0]?.parent).toBe(1);
    if (seconds === undefined) abort.abort();
    expect(await running).toMatchObject({ how: seconds === undefined ? 'cancelled' : 'timed-out' });
    await until('its processes are gone', () => [1, 2, 3, 4].every((part) => !runs(part)));
    expect([5, 6].every(runs)).toBe(true);
    for (const { pid } of processesNamed(marker(5))) process.kill(pid, 'SIGKILL');
    await session.quiet(`${task}-other`);
    expect(await bystander).toMatchObject({ how: 'cancelled' });
    await until('the other script is gone, too', () => !runs(6));
  });
});
