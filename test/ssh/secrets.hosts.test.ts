// cspell:ignore belaytest
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { hesitantShell } from './hesitant-shell.js';
import { processes, processesNamed } from './processes.js';
import { request, shells, stdoutOf } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

/** In two halves, so that this file's own text is not found. */
const secret = ['planted', 'Tr0ub4dor', String(process.pid)].join('-');

describe.each(shells)('a secret under %s', (name, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  const host = `secret-${name}`;
  beforeAll(async () => {
    sshd = await startSshd();
    sessions = createSessions({ stateDirectory: sshd.state, shell });
    session = await sessions.open(sshd.destination(host), 100);
  });
  afterAll(async () => {
    await sessions.close();
    await sshd.stop();
  });

  const memory = (): string => `/dev/shm/belay-${session.nonce}`;
  const onDisk = (): string =>
    execFileSync('sh', ['-c', 'grep -rlaF -- "$0" "$1" || :', secret, sshd.state], { encoding: 'utf8' });
  const inArguments = (): string[] =>
    processes()
      .filter((one) => one.command.includes(secret))
      .map((one) => one.command);

  test('reaches the script by environment and stdin, and is on no disk, in no arguments, and in memory no longer', async () => {
    const marker = `7${process.pid}${name.length}`;
    const text = `read -r line; [ "$line" = "$PASSWORD" ] || exit 1; ls -A ${memory()}; sleep ${marker}; exit 0`;
    const running = session.run(
      request(text, {
        task: 'secret.a',
        secret: true,
        environment: { PASSWORD: secret },
        stdin: Buffer.from(`${secret}\n`),
      }),
    );
    await until('it has read the secret', () => processesNamed(`sleep ${marker}`).length === 1);
    expect(inArguments()).toEqual([]);
    expect(onDisk()).toBe('');
    expect(readdirSync(memory())).toEqual([]);
    for (const { pid } of processesNamed(`sleep ${marker}`)) process.kill(pid, 'SIGTERM');
    expect(await running).toMatchObject({ how: 'exited', code: 0 });
    expect((await stdoutOf(session, 'secret.a')).toString()).toBe('');
    expect(onDisk()).toBe('');
  });

  test('is staged in memory, never on disk', async () => {
    const gate = join(sshd.folder, `gate-${name}`);
    const slow = createSessions({ stateDirectory: sshd.state, shell: [hesitantShell(sshd.folder, shell, gate)] });
    const other = await slow.open(sshd.destination(`${host}-slow`), 100);
    const options = { secret: true, environment: { PASSWORD: secret }, stdin: Buffer.from(secret) };
    const running = other.run(request('true', options));
    await until('it is staged', () => stagedIn(`/dev/shm/belay-${other.nonce}`).length === 2);
    expect(onDisk()).toBe('');
    writeFileSync(gate, '');
    expect(await running).toMatchObject({ how: 'exited', code: 0 });
    expect(stagedIn(`/dev/shm/belay-${other.nonce}`)).toEqual([]);
    await slow.close();
  });

  test('is in nobody’s sight where it was staged and its start was refused', async () => {
    const options = { task: 'secret.b', secret: true, environment: { PASSWORD: secret }, stdin: Buffer.from(secret) };
    expect(await session.run(request('true', { ...options, holder: 99 }))).toMatchObject({ how: 'refused' });
    expect(readdirSync(memory())).toEqual([]);
  });

  test('that a dead runner has left is swept away by the next', async () => {
    writeFileSync(join(memory(), '99.1.1.env'), secret);
    await sessions.close();
    session = await sessions.open(sshd.destination(host), 101);
    expect(readdirSync(memory())).toEqual([]);
  });

  test('planted by mistake, it is found: the search works', async () => {
    const printing = 'printf "%s" "$PASSWORD"';
    await session.run(request(printing, { task: 'secret.c', holder: 101, environment: { PASSWORD: secret } }));
    expect(onDisk()).not.toBe('');
  });
});

/** Names of what is staged; none where the folder has gone with its runner. */
function stagedIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Devices of its own, so that a mistake does not take those of this machine. */
const ownDevices = (folder: string): string =>
  [
    `mkdir ${folder}/dev`,
    `mount -t tmpfs tmpfs ${folder}/dev`,
    `cp -a /dev/null /dev/zero /dev/random /dev/urandom ${folder}/dev/`,
    `mkdir ${folder}/dev/shm`,
    `mount -t tmpfs tmpfs ${folder}/dev/shm`,
    `mount --rbind ${folder}/dev /dev`,
  ].join(' && ');

test('a secret script that is fed nothing leaves the null device of the host alone', async () => {
  const sshd = await startSshd({ view: ownDevices });
  onTestFinished(sshd.stop);
  const sessions = createSessions({ stateDirectory: sshd.state });
  onTestFinished(sessions.close);
  const session = await sessions.open(sshd.destination(), 100);
  const options = { secret: true, environment: { PASSWORD: secret } };
  expect(await session.run(request('[ -c /dev/null ]', options))).toMatchObject({ how: 'exited', code: 0 });
  expect(await session.run(request('[ -c /dev/null ]', { ...options, attempt: 2, holder: 99 }))).toMatchObject({
    how: 'refused',
  });
  expect(await session.run(request('[ -c /dev/null ]', { attempt: 3 }))).toMatchObject({ how: 'exited', code: 0 });
});

describe('a host without memory to stage in', () => {
  test('is refused, and nothing is started', async () => {
    const sshd = await startSshd({ view: (folder) => `mount --bind ${folder} /dev/shm` });
    onTestFinished(sshd.stop);
    const sessions = createSessions({ stateDirectory: sshd.state });
    onTestFinished(sessions.close);
    const session = await sessions.open(sshd.destination(), 100);
    const end = await session.run(request('true', { secret: true, stdin: Buffer.from(secret) }));
    expect(end).toMatchObject({
      how: 'refused',
      failure: { kind: 'host/unsuitable', known: expect.stringContaining('tmpfs') },
    });
    expect(await session.look('run-abcdefgh.step')).toEqual({ claims: [] });
    expect(await session.run(request('true'))).toMatchObject({ how: 'exited', code: 0 });
  });
});

describe('a user who is not root', () => {
  const withUser = async (shell: string): Promise<Sshd> =>
    startSshd({
      view: (folder) => {
        mkdirSync(join(folder, 'home'));
        const passwd = readFileSync('/etc/passwd', 'utf8');
        writeFileSync(join(folder, 'passwd'), `${passwd}belaytest:x:47110:47110::${join(folder, 'home')}:${shell}\n`);
        return `chown 47110:47110 ${join(folder, 'home')} && chmod 755 ${folder} && mount --bind ${join(folder, 'passwd')} /etc/passwd`;
      },
    });

  test('has the journal in the state directory of that user', async () => {
    const sshd = await withUser('/bin/bash');
    onTestFinished(sshd.stop);
    const sessions = createSessions();
    onTestFinished(sessions.close);
    const session = await sessions.open({ ...sshd.destination(), user: 'belaytest' }, 100);
    expect(
      await session.run(
        request('id -u; echo "$BELAY_TASK"; read -r x; echo "$x"', { secret: true, stdin: Buffer.from('in\n') }),
      ),
    ).toMatchObject({ code: 0 });
    const [uid, folder, line] = (await stdoutOf(session)).toString().split('\n');
    expect([uid, folder, line]).toEqual(['47110', join(sshd.folder, 'home/.local/state/belay/h1/t/1'), 'in']);
  });

  test('without a shell is refused, and says so', async () => {
    const sshd = await withUser('/usr/sbin/nologin');
    onTestFinished(sshd.stop);
    const sessions = createSessions();
    onTestFinished(sessions.close);
    await expect(sessions.open({ ...sshd.destination(), user: 'belaytest' }, 100)).rejects.toMatchObject({
      failure: { kind: 'host/no-shell', known: expect.stringContaining('did not start') },
    });
  });
});
