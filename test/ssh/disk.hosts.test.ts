import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { request, shells } from './request.js';
import { startSshd, type Sshd } from './sshd.js';

/** Bytes of the small disk. What fills it is bounded by twice that, should it ever not be mounted. */
const size = 4_194_304;

describe.each(shells)('a host whose disk is full under %s', (_, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  beforeAll(async () => {
    sshd = await startSshd({
      view: (folder) => {
        const disk = join(folder, 'disk');
        execFileSync('truncate', ['-s', String(size), disk]);
        execFileSync('mkfs.ext4', ['-q', '-m', '0', disk]);
        return `mkdir ${folder}/small && mount -o loop ${disk} ${folder}/small`;
      },
    });
    sessions = createSessions({ stateDirectory: join(sshd.folder, 'small'), shell });
    session = await sessions.open(sshd.destination(), 100);
    await session.run(request('true', { task: 'before.a' }));
    await fill();
  });
  afterAll(async () => {
    await sessions.close();
    await sshd.stop();
  });

  /** From a journal on another disk, so that the small one can be filled to its last block. */
  const fill = async (): Promise<void> => {
    const other = createSessions({ stateDirectory: sshd.state, shell });
    const text =
      'cd "$1" && for n in 1 2; do head -c "$2" /dev/zero >filler$n; sync -f .; done 2>/dev/null; df -P . | tail -1';
    const beside = await other.open(sshd.destination(), 100);
    await beside.run(request(text, { arguments: [join(sshd.folder, 'small'), String(size)] }));
    await other.close();
  };

  const text = 'echo begun >"$1"';
  test.each([
    ['a task that it has not seen', { task: 'new.a', text }],
    ['a task that it knows', { task: 'before.a', text }],
    ['a script that takes no room, but its claim would', { task: 'before.a', text: '' }],
    ['big input', { task: 'before.a', text, stdin: Buffer.alloc(300_000) }],
  ])('refuses before anything begins: %s', async (_name, { text: sheet, ...options }) => {
    session = await sessions.open(sshd.destination(), 100);
    const effect = join(sshd.folder, 'effect');
    const values = sheet === '' ? [] : [effect];
    const end = await session.run(request(sheet, { ...options, arguments: values, attempt: 2 }));
    expect(end).toMatchObject({ how: 'refused', failure: { kind: 'host/disk-full' } });
    expect(existsSync(effect)).toBe(false);
  });
});
