// cspell:ignore drwx
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { runsArguments } from '../../model/operation.js';
import { request, shells, stdoutOf } from './request.js';
import { startSshd, type Sshd } from './sshd.js';

const everyCharacter = Array.from({ length: 0x7ff }, (_, index) => String.fromCodePoint(index + 1)).join('');
const nasty: Readonly<Record<string, string>> = {
  quotes: `'"'\\''"\`"'`,
  commands: '$(touch /canary) `touch /canary` ${HOME} $((1+1)) ; touch /canary & | > <',
  newlines: '\n\nfirst\nlast\n\n\n',
  dash: '-n',
  'two dashes': '--help',
  backslashes: '\\ \\\\ \\n \\0101 \\c %s %b %%',
  globs: '* ? [a-z] ~ ~root {a,b} !',
  blanks: '  a  \t b  ',
  empty: '',
  unicode: 'naïve 日本語 🚀 \u202e\u200b\ufeff',
  'every character of one or two bytes': everyCharacter,
  'carriage returns': 'a\r\nb\r',
  '64 KiB': 'x\'"$\n'.repeat(13_107),
};

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

  test.each(Object.entries(nasty))('as an argument and in the environment: %s', async (name, value) => {
    const task = `args.${name.replaceAll(' ', '_')}`;
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

  test.each(Object.entries(nasty))('as an argument of a program without a shell: %s', async (name, value) => {
    const task = `program.${name.replaceAll(' ', '_')}`;
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

  test.each([
    ['a NUL byte in an argument', { arguments: ['a\0b'] }],
    ['half a character', { arguments: ['\ud800'] }],
    ['a variable with a name that is none', { environment: { 'A B': 'x' } }],
    ['a variable that the shell keeps for itself', { environment: { PPID: '1' } }],
    ['an argument longer than the kernel takes', { arguments: ['x'.repeat(131_072)] }],
  ])('what cannot be carried over is refused before anything is sent: %s', async (_, options) => {
    const end = await session.run(request('true', { task: 'bad.a', ...options }));
    expect(end).toMatchObject({ how: 'refused', failure: { kind: 'step/value-unusable' } });
    expect((await session.look('bad.a')).claims).toEqual([]);
  });
});
