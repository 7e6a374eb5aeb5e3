import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { request, shells, stdoutOf } from '../ssh/request.js';
import { startSshd, type Sshd } from '../ssh/sshd.js';
import { layJournal, readJournal, recordedJournals } from './folder.js';

const recorded = shells.flatMap(([name, shell]) => recordedJournals().map((file) => [file, name, shell] as const));

describe.each(recorded)('the journal %s of an older version, read under %s,', (file, _, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  beforeAll(async () => {
    sshd = await startSshd();
    layJournal(readJournal(file), join(sshd.state, 'h1'));
    sessions = createSessions({ stateDirectory: sshd.state, shell });
    session = await sessions.open(sshd.destination(), 101);
  });
  afterAll(async () => {
    await sessions.close();
    await sshd.stop();
  });

  const ended = async (task: string): Promise<unknown> =>
    (await session.look(`run-recorded.${task}`)).claims.map(({ part, state, code }) => [part, state, code]);

  test('is the same journal, and remembers its holder', async () => {
    expect(session.nonce).toBe(readJournal(file)['nonce']?.trim());
    const late = createSessions({ stateDirectory: sshd.state, shell });
    await expect(late.open(sshd.destination(), 99)).rejects.toMatchObject({ failure: { kind: 'host/stale-holder' } });
    await late.close();
  });

  test('tells how each task ended', async () => {
    expect(await ended('kept')).toEqual([['do', 'exited', 0]]);
    expect(await ended('refused')).toEqual([['do', 'exited', 75]]);
    expect(await ended('undone')).toEqual([
      ['do', 'exited', 3],
      ['undo', 'exited', 0],
    ]);
    expect(await ended('late')).toEqual([['do', 'timed-out', 137]]);
  });

  test('does not know the end of what ran when the host went down, and says so', async () => {
    expect(await ended('cut')).toEqual([['do', 'dead', undefined]]);
    const followed = await session.follow({ task: 'run-recorded.cut', part: 'do', attempt: 1 });
    expect(followed).toMatchObject({ how: 'lost', failure: { kind: 'host/rebooted' } });
  });

  test('gives images, what was saved, and output', async () => {
    const { preImage, postImage } = await session.look('run-recorded.kept');
    expect([preImage, postImage]).toEqual(['before 1', 'after 1']);
    expect(Buffer.from((await session.saved('run-recorded.kept', 'content', 100)) ?? []).toString()).toBe('old\n');
    expect((await stdoutOf(session, 'run-recorded.kept')).toString()).toBe('out\n');
  });

  test('goes on: an attempt is not repeated, a next one finds the pre-image, and a task is forgotten', async () => {
    const again = { task: 'run-recorded.kept', holder: 101 };
    expect(await session.run(request('true', again))).toMatchObject({ how: 'lost' });
    const text = 'echo "$BELAY_PRE_IMAGE"; cat "$BELAY_PRE/content"';
    expect(await session.run(request(text, { ...again, attempt: 2 }))).toMatchObject({ how: 'exited', code: 0 });
    expect((await stdoutOf(session, again.task, 'do', 2)).toString()).toBe('before 1\nold\n');
    await session.forget(['run-recorded.late']);
    expect(await ended('late')).toEqual([]);
  });
});
