// cspell:ignore drwx
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { runsArguments } from '../../model/operation.js';
import { classes, canBeGiven, impossible, nastyValues } from './nasty-values.js';
import { request, shells, stdoutOf, type RequestOptions } from './request.js';
import { startSshd, type Sshd } from './sshd.js';

const seed = 20_261_126;
const batch = 100;

const carried = Object.entries(classes('/canary')).filter(([, value]) => canBeGiven(value, 6));

const notCarried: readonly (readonly [string, RequestOptions])[] = [
  ...Object.entries(impossible).map(([name, value]) => [`${name}, as an argument`, { arguments: [value] }] as const),
  ...Object.entries(impossible).map(
    ([name, value]) => [`${name}, as a variable`, { environment: { V: value } }] as const,
  ),
  ['a variable with a name that is none', { environment: { 'A B': 'x' } }],
  ['a variable that the shell keeps for itself', { environment: { PPID: '1' } }],
];

describe.each(shells)('values reach a script byte for byte under %s', (_, shell) => {
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

  test.each(carried)('as an argument and in the environment: %s', async (name, value) => {
    const task = `args.${name.replaceAll(/\W/g, '_')}`;
    const end = await session.run(
      request('printf %s "$1"; printf %s "$VALUE" >&2; [ $# = 3 ] && [ "$3" = last ]', {
        task,
        arguments: [value, '', 'last'],
        environment: { VALUE: value },
      }),
    );
    expect(end).toMatchObject({ how: 'exited', code: 0 });
    expect(await stdoutOf(session, task)).toEqual(Buffer.from(value));
    const stderr = await session.output({ task, attempt: 1, part: 'do', stream: 'stderr' }, 0, 1_000_000);
    expect(Buffer.from(stderr)).toEqual(Buffer.from(value));
  });

  /** Gives its arguments back on stdout, its variables on stderr, and a digest of the file that it made of its stdin. */
  const mirror = `cat >"$BELAY_TASK/copy"
i=0
while [ "$i" -lt "$COUNT" ]; do eval "printf '%s\\\\0' \\"\\$V$i\\""; i=$((i + 1)); done >&2
for one do printf '%s\\0' "$one"; done
sha256sum <"$BELAY_TASK/copy"`;

  test('two thousand of them, as arguments, in the environment, on standard input and in a file; none is executed', async () => {
    const canary = join(sshd.folder, 'canary');
    const all = nastyValues(seed, 2000, canary);
    const values = all.filter((value) => canBeGiven(value, 6));
    expect(values.length).toBeGreaterThan(1500);
    for (let from = 0; from < values.length; from += batch) {
      const some = values.slice(from, from + batch);
      const task = `nasty.b${from}`;
      const joined = Buffer.from(some.map((value) => `${value}\0`).join(''));
      // What is fed in may be any bytes: half a character of UTF-8, too.
      const stdin = Buffer.concat([joined, Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80])]);
      const environment = Object.fromEntries(some.map((value, index) => [`V${index}`, value]));
      const end = await session.run(
        request(mirror, { task, stdin, arguments: some, environment: { ...environment, COUNT: String(some.length) } }),
      );
      expect(end).toMatchObject({ how: 'exited', code: 0 });
      const digest = `${createHash('sha256').update(stdin).digest('hex')}  -\n`;
      expect((await stdoutOf(session, task)).equals(Buffer.concat([joined, Buffer.from(digest)]))).toBe(true);
      const stderr = await session.output({ task, attempt: 1, part: 'do', stream: 'stderr' }, 0, 8_000_000);
      expect(Buffer.from(stderr).equals(joined)).toBe(true);
    }
    for (const value of all.filter((one) => !canBeGiven(one))) {
      for (const options of [{ arguments: [value] }, { environment: { V: value } }]) {
        const end = await session.run(request('true', { task: 'nasty.bad', ...options }));
        expect(end).toMatchObject({ how: 'refused', failure: { kind: 'step/value-unusable' } });
      }
    }
    expect(existsSync(canary)).toBe(false);
  });

  test.each(carried)('as an argument of a program without a shell: %s', async (name, value) => {
    const task = `program.${name.replaceAll(/\W/g, '_')}`;
    const end = await session.run(request(runsArguments, { task, arguments: ['printf', '%s', value] }));
    expect(end).toMatchObject({ how: 'exited', code: 0 });
    expect(await stdoutOf(session, task)).toEqual(Buffer.from(value));
  });

  test.each(['--help', 'free_slot', 'true'])('a program is looked for by its name alone: %s', async (name) => {
    const task = `name.${name}`;
    const end = await session.run(request(runsArguments, { task, arguments: [name] }));
    expect(end).toMatchObject({ how: 'exited', code: name === 'true' ? 0 : 127 });
  });

  test.each([1, 100, 4096, 4097, 131_072, 1_048_576])('as standard input: %i random bytes', async (count) => {
    const stdin = randomBytes(count);
    const task = `stdin.s${count}`;
    const end = await session.run(request('sha256sum', { task, stdin }));
    expect(end).toMatchObject({ how: 'exited', code: 0 });
    const expected = createHash('sha256').update(stdin).digest('hex');
    expect((await stdoutOf(session, task)).toString()).toBe(`${expected}  -\n`);
  });

  test('as a script of any length, and after big input the next message is intact', async () => {
    const padding = '# \\ \' " $(x)\n'.repeat(2000);
    await session.run(request(`${padding}echo first`, { task: 'long.a', stdin: randomBytes(70_000) }));
    await session.run(request('echo second', { task: 'long.b' }));
    expect((await stdoutOf(session, 'long.a')).toString()).toBe('first\n');
    expect((await stdoutOf(session, 'long.b')).toString()).toBe('second\n');
  });

  test('output that is not text comes back as it was', async () => {
    const bytes = randomBytes(300_000);
    await session.run(request('cat', { task: 'binary.a', stdin: bytes }));
    expect(await stdoutOf(session, 'binary.a')).toEqual(bytes);
  });

  test('a script finds the promised surroundings and no others', async () => {
    const text =
      'umask; pwd; echo "$PATH $LC_ALL $BELAY_ATTEMPT ${SSH_CONNECTION-none} ${XDG_RUNTIME_DIR-none}"; cat; ls -ld "$BELAY_PRE"';
    await session.run(request(text, { task: 'around.a', attempt: 7 }));
    const lines = (await stdoutOf(session, 'around.a', 'do', 7)).toString().split('\n');
    expect(lines[0]).toMatch(/^0?077$/);
    expect(lines[1]).toBe('/');
    expect(lines[2]).toBe('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin C 7 none none');
    expect(lines[3]).toMatch(/^drwx------ .*\/pre$/);
  });

  test('a script may be given any environment without disturbing the runner', async () => {
    const environment = {
      PATH: '/nowhere',
      IFS: 'x',
      run: 'x',
      slot: 'x',
      journal: 'x',
      limit: 'x',
      id: 'x',
      state: 'x',
      d: 'x',
      boot: 'x',
    };
    const end = await session.run(request('echo "$run $journal $limit"', { task: 'own.a', environment }));
    expect(end).toMatchObject({ how: 'exited', code: 0 });
    expect((await stdoutOf(session, 'own.a')).toString()).toBe('x x x\n');
    expect((await session.look('own.a')).claims).toMatchObject([{ attempt: 1, state: 'exited', code: 0 }]);
  });

  test.each(notCarried)('what cannot be carried over is refused before anything is sent: %s', async (_, options) => {
    const end = await session.run(request('true', { task: 'bad.a', ...options }));
    expect(end).toMatchObject({ how: 'refused', failure: { kind: 'step/value-unusable' } });
    expect((await session.look('bad.a')).claims).toEqual([]);
  });
});
