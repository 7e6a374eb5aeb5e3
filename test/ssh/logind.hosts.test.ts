// cspell:ignore libpam logind loginctl
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Destination, PartEnd, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { request } from './request.js';
import { until } from './sshd.js';

const name = 'logind-test';
const host = 'node1';
/** The way that `docs/hosts.md` tells. */
const scoped = String.raw`command="exec systemd-run --user --quiet --scope /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"" `;

describe('a host that is run by systemd, with logind', () => {
  let lab: Lab;
  let sessions: Sessions | undefined;
  let holder = 100;

  /** In the namespaces of systemd once it is there, which answers nobody whose process it cannot see. */
  const must = async (script: string, input = ''): Promise<string> => {
    const within = `[ ! -e /run/systemd-init ] || set -- nsenter -t "$(pgrep -P "$(cat /run/systemd-init)")" -m -p "$@"; exec "$@"`;
    const argv = ['sh', '-euc', within, 'sh', 'sh', '-euc', script];
    const { code, stdout, stderr } = await lab.exec(host, argv, input);
    if (code !== 0) throw new Error(`${script}: ${stdout}${stderr}`);
    return stdout.trim();
  };

  beforeAll(async () => {
    const packages = ['libpam-systemd', 'dbus-user-session'];
    lab = await labUp({ name, description: { hosts: { [host]: {} }, packages } });
    // Once the host stands: where systemd is there from the start, it would be the host's own init.
    await must(`export DEBIAN_FRONTEND=noninteractive
      apt-get -qq update; apt-get -qq -y --no-install-recommends install ${packages.join(' ')} >/dev/null 2>&1
      useradd -m -s /bin/sh deploy; mkdir -m 700 /home/deploy/.ssh
      cp /root/.ssh/authorized_keys /home/deploy/.ssh/keys; chown -R deploy: /home/deploy/.ssh
      service ssh stop; service dbus stop`);
    await must('cat >/root/systemd-init', readFileSync(join(import.meta.dirname, 'systemd-init.sh'), 'utf8'));
    const [command = '', ...words] = await lab.enter(host);
    spawn(command, [...words, 'sh', '/root/systemd-init', 'start', name], { stdio: 'ignore', detached: true }).unref();
    await until('systemd runs sshd and logind', async () => {
      const { stdout } = await lab.exec(host, ['systemctl', 'is-active', 'ssh', 'systemd-logind']);
      return stdout.trim() === 'active\nactive';
    });
  });
  afterAll(async () => {
    const { code } = await lab.exec(host, ['sh', '/root/systemd-init', 'stop', name]);
    await labDown(name);
    expect(code).toBe(0);
  });
  afterEach(async () => sessions?.close());

  const destinationOf = (user: string): Destination => {
    const { address, port, hostKeys } = lab.host(host);
    return { host, address, port, user, hostKeys, key: { privateKey: readFileSync(lab.keyFile) } };
  };

  /** What becomes of a script whose connection ends in its midst, as a later worker learns it. */
  const outlived = async (user: string): Promise<PartEnd> => {
    const task = `lab.t${++holder}`;
    const marker = `4${String(holder)}`;
    sessions = createSessions();
    const session = await sessions.open(destinationOf(user), holder);
    expect(session.facts.init).toBe('systemd');
    const running = session.run(request(`sleep 0.${marker}; sleep 3; exit 7`, { task, holder }));
    running.catch(() => undefined);
    await until('it runs', async () => (await session.look(task)).claims[0]?.state === 'running');
    expect(await must('loginctl list-sessions --no-legend')).toContain(user);
    await sessions.close();
    await until('logind has closed its session', async () =>
      (await must('loginctl list-sessions --no-legend')).split('\n').every((line) => !/ active/.test(line)),
    );
    sessions = createSessions();
    const again = await sessions.open(destinationOf(user), ++holder);
    return again.follow({ task, attempt: 1, part: 'do' }, async () => undefined);
  };

  const reached = { how: 'exited', code: 7 };
  const killed = { how: 'lost', failure: { kind: 'step/outcome-unknown' } };

  describe.each(['with', 'without'] as const)('%s setsid', (how) => {
    beforeAll(async () => {
      if (how === 'without') await must('mv /usr/bin/setsid /usr/bin/setsid.away');
    });
    afterAll(async () => {
      if (how === 'without') await must('mv /usr/bin/setsid.away /usr/bin/setsid');
    });

    test.each([
      ['goes on as logind is set up', 'deploy', 'no', '', reached],
      ['is killed by KillUserProcesses=yes, and its outcome is unknown', 'deploy', 'yes', '', killed],
      ['of root goes on under KillUserProcesses=yes', 'root', 'yes', '', reached],
      ['goes on under KillUserProcesses=yes in a scope of a user who lingers', 'deploy', 'yes', scoped, reached],
    ])('a script whose connection ends %s', async (_what, user, kill, restriction, end) => {
      await must(
        `mkdir -p /etc/systemd/logind.conf.d
        printf '[Login]\nKillUserProcesses=${kill}\n' >/etc/systemd/logind.conf.d/test.conf
        systemctl restart systemd-logind
        loginctl ${restriction === '' ? 'disable' : 'enable'}-linger deploy
        sed "s|^ssh|$(cat)ssh|" /home/deploy/.ssh/keys >/home/deploy/.ssh/authorized_keys`,
        restriction.replaceAll('\\', '\\\\'),
      );
      expect(await outlived(user)).toMatchObject(end);
    });
  });
});
