import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../activities/ssh/attempt.js';
import { carryOut } from '../../activities/ssh/carry-out.js';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { step } from '../database/example.js';
import { compileStep } from '../steps/cases.js';
import { attemptOf } from './attempt.js';
import { startSshd, type Sshd } from './sshd.js';

const mib = 1024 * 1024;

describe.each([
  ['the usual shell', undefined],
  ['bash', ['/bin/bash', '--posix']],
  ['busybox', ['/bin/busybox', 'sh']],
])('a file that is carried to a host with %s', (_, shell) => {
  let here: Sshd;
  let there: Sshd;
  let sessions: [Sessions, Sessions];
  let from: string;
  let to: string;
  let pieces: number;
  let meanwhile: (piece: number) => unknown;
  let source: Session;
  let cancel: AbortController;
  beforeEach(async () => {
    [here, there] = await Promise.all([startSshd(), startSshd()]);
    const ofShell = shell === undefined ? {} : { shell };
    sessions = [
      createSessions({ stateDirectory: here.state, ...ofShell }),
      createSessions({ stateDirectory: there.state, ...ofShell }),
    ];
    mkdirSync(join(here.folder, 'to'));
    from = join(there.folder, 'a file * of $(x)');
    to = join(here.folder, 'to', 'copy');
    pieces = 0;
    meanwhile = () => undefined;
    cancel = new AbortController();
    source = await sessions[1].open(there.destination('there'), 100);
  });
  afterEach(async () => {
    await Promise.all(sessions.map(async (one) => one.close()));
    await Promise.all([here.stop(), there.stop()]);
  });

  /** The source, with something that happens to it after each piece. */
  const watched = (): Session =>
    new Proxy(source, {
      get: (target, name) => {
        if (name === 'piece')
          return async (...words: Parameters<Session['piece']>) => {
            const bytes = await target.piece(...words);
            pieces++;
            await meanwhile(pieces);
            return bytes;
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

  async function transfer(more: object = {}): Promise<Outcome> {
    const operation = compileStep({ transfer: { from: { host: 'there', path: from }, path: to, ...more } });
    if (operation.on !== 'host') throw new Error('of another place');
    const destination = here.destination('here');
    const attempt = attemptOf({
      name: { run: 'run-abcdefgh', step: 'copy', host: 'here' },
      step: step('copy', ['here'], { operations: [operation] }),
      work: { destination, operation, intents: [] },
      session: await sessions[0].open(destination, 100),
      needs: { sessions: sessions[0], source: async () => watched() },
      signal: cancel.signal,
    });
    return carryOut(attempt);
  }

  const kept = (): string[] =>
    readdirSync(here.state, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('/carried'));

  test('arrives byte for byte, for its owner alone, and nothing else is left', async () => {
    writeFileSync(from, randomBytes(3 * mib + 17));
    expect(await transfer()).toMatchObject({ ending: 'done' });
    expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
    expect([statSync(to).mode & 0o7777, readdirSync(join(here.folder, 'to')), kept()]).toEqual([0o600, ['copy'], []]);
    expect(pieces).toBe(4);
  });

  test.each([0, 1, mib, 2 * mib])('of %i bytes arrives whole', async (size) => {
    writeFileSync(from, randomBytes(size));
    expect(await transfer({ mode: '0640' })).toMatchObject({ ending: 'done' });
    expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
    expect(statSync(to).mode & 0o7777).toBe(0o640);
  });

  test('is not carried where it is there already', async () => {
    for (const path of [from, to]) writeFileSync(path, 'the same', { mode: 0o600 });
    expect([await transfer(), pieces]).toMatchObject([{ ending: 'ok' }, 0]);
  });

  test.each([
    ['is written to', () => writeFileSync(from, 'x', { flag: 'r+' })],
    ['becomes shorter', () => truncateSync(from, mib + 10)],
    ['is gone', () => rmSync(from)],
  ])('changes nothing where it %s while it is read', async (_what, change) => {
    writeFileSync(from, randomBytes(2 * mib));
    writeFileSync(to, 'old');
    const measure = source.measure.bind(source);
    // The first pieces may be on their way already when something happens after them; what is measured is not.
    source.measure = async (...words) => measure(...words).then((now) => (change(), now));
    expect(await transfer()).toMatchObject({
      ending: 'refused',
      failure: { kind: 'step/refused', known: expect.stringContaining('changed while it was read') },
    });
    expect(readFileSync(to, 'utf8')).toBe('old');
  });

  test('is refused before anything is changed where it is not there, or larger than 2 GiB', async () => {
    expect(await transfer()).toMatchObject({
      ending: 'refused',
      failure: { known: expect.stringContaining('no file that can be read') },
    });
    writeFileSync(from, '');
    truncateSync(from, 2048 * mib + 1);
    expect(await transfer()).toMatchObject({
      ending: 'refused',
      failure: { known: expect.stringContaining('at most 2147483648 are carried') },
    });
    expect([existsSync(to), pieces]).toEqual([false, 0]);
  });

  test('changes nothing where it is cancelled on its way', async () => {
    writeFileSync(from, randomBytes(4 * mib));
    meanwhile = () => cancel.abort();
    expect(await transfer()).toMatchObject({ ending: 'refused', failure: { kind: 'step/cancelled' } });
    expect(existsSync(to)).toBe(false);
  });

  test('changes nothing where the connection to its source is lost on its way', async () => {
    writeFileSync(from, randomBytes(4 * mib));
    meanwhile = async () => sessions[1].close();
    expect(await transfer()).toMatchObject({ ending: 'unreachable', failure: { kind: 'host/unreachable' } });
    expect(existsSync(to)).toBe(false);
  });

  test('is measured at its source', async () => {
    const bytes = randomBytes(1000);
    writeFileSync(from, bytes);
    expect(await source.measure(from, 1000)).toEqual({
      size: 1000,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(await source.measure(from, 999)).toEqual({ size: 1000 });
    expect(await source.measure(there.folder, 999)).toBeUndefined();
  });
});
