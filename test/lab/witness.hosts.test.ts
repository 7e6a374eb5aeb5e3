import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { must } from '../../lab/program.js';

const name = 'witness-test';
let lab: Lab;

beforeAll(async () => {
  lab = await labUp({ name, description: { hosts: { one: {} } }, say: () => undefined });
});

afterAll(async () => {
  await labDown(name);
});

beforeEach(async () => {
  await lab.mark('before');
});

const sh = async (script: string): Promise<void> => {
  const { code, stderr } = await lab.exec('one', ['sh', '-euc', script]);
  expect(code, stderr).toBe(0);
};

async function seen(mark = 'before'): Promise<string[]> {
  const { differences } = await lab.diff(mark);
  return differences.map(({ kind, change, subject, detail }) => `${kind} ${change} ${subject} ${detail}`.trim());
}

describe('The comparison of a host with a mark', () => {
  it('sees nothing where nothing was done', async () => {
    expect(await seen()).toEqual([]);
  });

  it('sees mode, owner, content, an extended attribute, a link and a removed folder', async () => {
    await sh(
      'chmod 600 /etc/issue; chown 0:8 /etc/issue.net; echo more >>/etc/fstab; ln -sf nowhere /etc/os-release; rm -r /usr/share/keyrings',
    );
    await must(['setfattr', '-n', 'user.who', '-v', 'me', join(lab.host('one').root, 'etc/debian_version')]);
    expect(await seen()).toEqual([
      'file changed /etc/debian_version attribute user.who',
      'file changed /etc/fstab content',
      'file changed /etc/issue mode 644 → 600',
      'file changed /etc/issue.net owner 0:0 → 0:8',
      'file changed /etc/os-release content',
      'file removed /usr/share/keyrings',
    ]);
  });

  it('passes over what was restored: a file, a removed folder, an emptied one', async () => {
    await sh('cp -a /etc/pam.d /etc/profile /usr/share/base-files /root/');
    await lab.mark('copied');
    await sh(
      'echo x >/etc/profile; chmod 600 /etc/profile; rm -r /etc/pam.d; rm -r /usr/share/base-files; mkdir -m 700 /usr/share/base-files',
    );
    expect((await seen('copied')).length).toBeGreaterThan(3);
    await sh(
      'cat /root/profile >/etc/profile; chmod 644 /etc/profile; cp -a /root/pam.d /etc/; rmdir /usr/share/base-files; cp -a /root/base-files /usr/share/',
    );
    expect(await seen('copied')).toEqual([]);
  });

  it('sees a process and the ports it listens on, and passes over them once they are gone', async () => {
    await sh(
      `setsid perl -MIO::Socket::INET -e '$0 = "listener"; $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => 4711); sleep 999' >/dev/null 2>&1 &`,
    );
    await expect.poll(() => seen()).toEqual(['process added uid 0: listener', 'port added tcp 127.0.0.1:4711']);
    await sh('pkill -x listener');
    await expect.poll(() => seen()).toEqual([]);
  });

  it('sees what stood at the mark and is gone, though the host is off', async () => {
    await lab.powerCut('one');
    expect(await seen()).toContain('port removed tcp 0.0.0.0:22');
    await lab.powerOn('one');
    // init logs each start there. Whoever asked whether sshd answers is still leaving.
    await expect.poll(() => seen()).toEqual(['file changed /var/log/wtmp content']);
  });

  it('shows which lines of a file under /etc differ', async () => {
    await sh('echo "10.0.0.1 stranger" >>/etc/hosts');
    const { differences } = await lab.diff('before');
    expect(differences[0]?.lines).toEqual(['+10.0.0.1 stranger']);
  });

  it('is refused for a mark that was never made, and for names that are no names', async () => {
    await expect(lab.diff('nothing')).rejects.toThrow('there is no mark "nothing"');
    await expect(lab.mark('../escape')).rejects.toThrow('cannot name a mark');
  });
});
