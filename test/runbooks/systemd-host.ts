// cspell:ignore libpam
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.js';
import { inShell } from './runbook-lab.js';

/** What a host installs for it; a lab's description names them among its packages. */
export const systemdPackages = ['libpam-systemd', 'dbus-user-session'];

/** A host of a lab that real systemd runs, in namespaces of its own within the host; sshd is one of its services. */
export interface SystemdHost {
  /** Runs a script as root among the processes of systemd. */
  inside(script: string): Promise<string>;
  end(): Promise<void>;
}

/**
 * Has a host be run by systemd from now on: not from its start, for the host's own init would then be systemd, which would
 * work on the machine's control groups.
 */
export async function runBySystemd(lab: Lab, host: string): Promise<SystemdHost> {
  const group = `${lab.name}-${host}`;
  await inShell(
    lab,
    host,
    `export DEBIAN_FRONTEND=noninteractive
apt-get -qq update; apt-get -qq -y --no-install-recommends install ${systemdPackages.join(' ')} >/dev/null 2>&1
service ssh stop; service dbus stop`,
  );
  const { code } = await lab.exec(
    host,
    ['sh', '-c', 'cat >/root/systemd-init'],
    readFileSync('test/ssh/systemd-init.sh', 'utf8'),
  );
  if (code !== 0) throw new Error(`${host}: there is no room for systemd-init`);
  const [command = '', ...words] = await lab.enter(host);
  spawn(command, [...words, 'sh', '/root/systemd-init', 'start', group], { stdio: 'ignore', detached: true }).unref();
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    const { stdout } = await lab.exec(host, ['systemctl', 'is-active', 'ssh']);
    if (stdout.trim() === 'active') break;
    if (Date.now() > deadline) throw new Error(`${host}: systemd does not run sshd`);
  }
  const within = 'exec nsenter -t "$(pgrep -P "$(cat /run/systemd-init)")" -m -p sh -euc "$1"';
  return {
    async inside(script) {
      const { code, stdout, stderr } = await lab.exec(host, ['sh', '-euc', within, 'sh', script]);
      if (code !== 0) throw new Error(`${host}, ${script}: ${stdout}${stderr}`);
      return stdout.trim();
    },
    end: async () => void (await lab.exec(host, ['sh', '/root/systemd-init', 'stop', group])),
  };
}
