// cspell:ignore fsprogs
import { ensurePackages, prepareMachine } from '../lab/machine.js';

/** What tests on real hosts need of this machine beside what labs need: servers that they start themselves. */
const needs = [
  ['/usr/sbin/sshd', 'openssh-server'],
  ['ssh-keygen', 'openssh-client'],
  ['/usr/bin/busybox', 'busybox'],
  ['mkfs.ext4', 'e2fsprogs'],
  ['/usr/bin/zsh', 'zsh'],
  ['/usr/bin/fish', 'fish'],
] as const;

/** Once before the tests of a project, so that a fresh machine needs nothing by hand. */
export async function setup(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await prepareMachine(say);
  await ensurePackages(needs, say);
}
