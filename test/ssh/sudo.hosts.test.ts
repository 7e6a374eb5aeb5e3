import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Destination, Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { gather, request, shells, stdoutOf } from './request.js';
import { until } from './sshd.js';

const name = 'sudo-test';
const allowed = 'deploy ALL=(root) NOPASSWD: /bin/sh, /bin/dash, /bin/bash';
/** In two halves, so that this file's own text is not found. */
const secret = ['planted', 'Tr0ub4dor', String(process.pid)].join('-');

describe('a user who acts as root by sudo', () => {
  let lab: Lab;
  let destination: Destination;
  let sessions: Sessions;
  let holder = 100;
  let task: string;

  const on = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec('inner', ['sh', '-c', script]);
    if (code !== 0) throw new Error(`${script}: ${stderr}`);
    return String(stdout);
  };
  const rules = async (...lines: string[]): Promise<void> => {
    await lab.exec(
      'inner',
      ['sh', '-c', 'umask 337; cat >/tmp/rules && visudo -cqf /tmp/rules && mv /tmp/rules /etc/sudoers.d/belay'],
      `${lines.join('\n')}\n`,
    );
  };
  const open = async (shell?: readonly string[]): Promise<Session> => {
    sessions = createSessions(shell ? { shell } : {});
    return sessions.open(destination, ++holder);
  };

  beforeAll(async () => {
    lab = await labUp({ name, description: { hosts: { bare: {}, inner: { preinstalled: ['sudo'] } } } });
    const { address, port, hostKeys } = lab.host('inner');
    const key = { privateKey: readFileSync(lab.keyFile) };
    destination = { host: 'inner', address, port, user: 'deploy', hostKeys, key, sudo: true };
    const line = execFileSync('ssh-keygen', ['-y', '-f', lab.keyFile], { encoding: 'utf8' });
    for (const host of ['inner', 'bare'])
      await lab.exec(
        host,
        ['sh', '-c', 'useradd -m -s /bin/sh deploy && cd ~deploy && mkdir .ssh && cat >.ssh/authorized_keys'],
        line,
      );
  });
  afterAll(async () => {
    await labDown(name);
  });
  beforeEach(async () => {
    task = `sudo.t${holder}`;
    await rules(allowed);
    sessions = createSessions();
  });
  afterEach(async () => sessions.close());

  test.each(shells.slice(0, 2))(
    'has a journal of root, root’s home, and every byte that is sent, under %s',
    async (_, shell) => {
      const session = await open(shell);
      const stdin = Buffer.alloc(2_000_000, 'every byte\n');
      const text = 'id -u; echo "$HOME"; echo "${SUDO_USER-none}"; wc -c';
      expect(await session.run(request(text, { task, holder, stdin, secret: true }))).toMatchObject({ code: 0 });
      expect((await stdoutOf(session, task)).toString()).toBe(`0\n/root\nnone\n${stdin.length}\n`);
      expect(await on('stat -c "%a %U" /var/lib/belay/inner')).toBe('700 root\n');
    },
  );

  test('goes on without its connection, and is taken up again and cancelled', async () => {
    const running = (await open()).run(request('echo on; sleep 98765', { task, holder }));
    await until('it runs', async () => (await on('pgrep -fx "sleep 98765" || :')) !== '');
    await on('pkill -KILL -x sudo');
    expect(await running).toMatchObject({ how: 'lost' });
    await sessions.close();
    const again = await open();
    const abort = new AbortController();
    const gathered = gather();
    const following = again.follow({ task, attempt: 1, part: 'do' }, gathered.watch, abort.signal);
    await until('its output is there', () => gathered.text() === 'on\n');
    abort.abort();
    expect(await following).toMatchObject({ how: 'cancelled' });
    expect(await on('pgrep -fx "sleep 98765" || :')).toBe('');
  });

  test('leaves short lines in the log of sudo, and nothing of the program or of what is carried out', async () => {
    await rules(allowed, 'Defaults:deploy logfile=/var/log/sudo.log');
    const session = await open();
    await session.run(request('echo "$WORD"', { task, holder, environment: { WORD: 'carried-out' } }));
    await stdoutOf(session, task);
    const log = await on('cat /var/log/sudo.log');
    expect(log.match(/COMMAND=/g)).toHaveLength(2);
    expect(log.length).toBeLessThan(2500);
    expect(log).not.toMatch(/carried-out|settle_slots/);
  });

  const refusals: readonly (readonly [why: string, rules: readonly string[]])[] = [
    ['no rule is for it', ['']],
    ['a password is asked for', ['deploy ALL=(ALL) ALL']],
    ['only single commands are allowed', ['deploy ALL=(root) NOPASSWD: /usr/bin/systemctl, /usr/bin/apt-get']],
    ['a terminal is asked for', [allowed, 'Defaults:deploy requiretty']],
  ];
  test.each(refusals)('is refused where %s, and says what is needed', async (_, lines) => {
    await rules(...lines);
    await expect(open()).rejects.toMatchObject({
      failure: {
        kind: 'host/sudo-refused',
        known: expect.stringMatching(/sudo gave no shell \(.*sudo.*\); nothing was changed/s),
        next: expect.stringContaining('NOPASSWD: /bin/sh'),
      },
    });
  });

  test('is refused where there is no sudo', async () => {
    const { address, port, hostKeys } = lab.host('bare');
    const bare = { ...destination, host: 'bare', address, port, hostKeys };
    await expect(sessions.open(bare, 1)).rejects.toMatchObject({ failure: { kind: 'host/sudo-refused' } });
  });

  test('without sudo is that user, with a journal in its home', async () => {
    sessions = createSessions();
    const session = await sessions.open({ ...destination, sudo: false }, ++holder);
    expect(await session.run(request('id -un', { task, holder }))).toMatchObject({ code: 0 });
    expect((await stdoutOf(session, task)).toString()).toBe('deploy\n');
    expect(await on('stat -c "%a %U" /home/deploy/.local/state/belay/inner')).toBe('700 deploy\n');
  });

  describe('and is recorded', () => {
    const recorded = (): string => {
      const folder = join(lab.host('inner').root, 'var/log/sudo-io');
      if (!existsSync(folder)) return '';
      return execFileSync('sh', ['-c', 'grep -rlaF -- "$0" "$1" || :', secret, folder], {
        encoding: 'utf8',
      });
    };
    const telling = (): ReturnType<typeof request> =>
      request('read -r line; [ "$line" = "$PASSWORD" ]', {
        task,
        holder,
        secret: true,
        environment: { PASSWORD: secret },
        stdin: Buffer.from(`${secret}\n`),
      });

    test.each(['log_input', 'log_output', 'log_input, log_output, use_pty'])(
      '(%s) is told no secret, and other steps go on',
      async (how) => {
        await rules(allowed, `Defaults:deploy ${how}, !compress_io`);
        const session = await open();
        expect(await session.run(telling())).toMatchObject({ how: 'refused', failure: { kind: 'host/overheard' } });
        expect(await session.look(task)).toEqual({ claims: [] });
        expect(recorded()).toBe('');
        expect(await session.run(request('true', { task, holder }))).toMatchObject({ how: 'exited', code: 0 });
      },
    );

    test.each(['!log_input', 'use_pty'])('(%s) not, is told secrets', async (how) => {
      await rules(allowed, `Defaults:deploy ${how}`);
      expect(await (await open()).run(telling())).toMatchObject({ how: 'exited', code: 0 });
      expect(recorded()).toBe('');
    });

    test('planted by mistake, a secret is found: the search works', async () => {
      await rules(allowed, 'Defaults:deploy log_input, !compress_io');
      const session = await open();
      await session.run({ ...telling(), script: { ...telling().script, secret: false } });
      await sessions.close();
      await until('it was recorded', () => recorded() !== '');
    });
  });
});
