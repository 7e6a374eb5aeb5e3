import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median, seconds } from './figures.js';
import type { Measure } from './measures.js';
import type { Place } from './place.js';
import { alike, planOf, timeRun } from './runs.js';

const run = promisify(execFile);
const steps = 40;
/** Pinned, so that figures of different days compare. Both keep no durable state. */
const versions = { ansible: 'ansible-core==2.19.4', pyinfra: 'pyinfra==3.10' };

/** The same 20 × 40 × `/bin/true` by tools that people use today, installed from the package registry once. */
export const peers: Measure = async (place, rounds, print) => {
  const programs = await install();
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  try {
    writeProjects(folder, place);
    const plan = await planOf(place.belay, alike(steps, { command: ['/bin/true'] }));
    await timeRun(place.belay, plan);
    const ours = median(await times(rounds, async () => timeRun(place.belay, plan)));
    const pyinfra = median(
      await times(rounds, async () =>
        seconds(async () => run(join(programs, 'pyinfra'), ['-y', 'hosts.py', 'steps.py'], { cwd: folder })),
      ),
    );
    const ansible = await seconds(async () =>
      run(join(programs, 'ansible-playbook'), ['-i', 'hosts.ini', '-f', '20', 'steps.yml'], {
        cwd: folder,
        env: { ...process.env, ANSIBLE_CONFIG: join(folder, 'ansible.cfg'), LC_ALL: 'C.UTF-8' },
        maxBuffer: 64 * 1024 * 1024,
      }),
    );
    print('ansible-seconds', ansible);
    print('pyinfra-seconds', pyinfra);
    print('times-faster-than-ansible', ansible / ours);
    print('times-faster-than-pyinfra', pyinfra / ours);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

async function times(rounds: number, work: () => Promise<number>): Promise<number[]> {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round += 1) taken.push(await work());
  return taken;
}

/** A virtual environment of Python's, kept in the cache; gives the folder of its programs. */
async function install(): Promise<string> {
  const place = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'belay', 'peers');
  const bin = join(place, 'bin');
  if (existsSync(join(bin, 'pyinfra')) && existsSync(join(bin, 'ansible-playbook'))) return bin;
  process.stderr.write('bench: installing Ansible and pyinfra (once)\n');
  await run('python3', ['-m', 'venv', '--clear', place]);
  await run(join(bin, 'pip'), ['install', '--quiet', ...Object.values(versions)], { maxBuffer: 16 * 1024 * 1024 });
  return bin;
}

function writeProjects(folder: string, { destinations, lab }: Place): void {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const known = destinations.flatMap(({ address, hostKeys }) => hostKeys.map((key) => `${address} ${key}`));
  write('known_hosts', `${known.join('\n')}\n`);
  const ssh = `-o UserKnownHostsFile=${join(folder, 'known_hosts')} -o StrictHostKeyChecking=yes`;
  const line = (host: string, address: string): string =>
    `${host} ansible_host=${address} ansible_user=root ansible_ssh_private_key_file=${lab.keyFile} ansible_python_interpreter=/usr/bin/python3`;
  write('hosts.ini', `${destinations.map(({ host, address }) => line(host, address)).join('\n')}\n`);
  const config = [
    '[defaults]',
    'gathering = explicit',
    'stdout_callback = minimal',
    '[ssh_connection]',
    'pipelining = True',
  ];
  write('ansible.cfg', `${[...config, `ssh_args = -o ControlMaster=auto -o ControlPersist=60s ${ssh}`].join('\n')}\n`);
  const tasks = Array.from({ length: steps }, () => '    - command: /bin/true');
  write('steps.yml', `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('\n')}\n`);
  const hosts = destinations.map(
    ({ host, address }) =>
      `    ("${host}", {"ssh_hostname": "${address}", "ssh_user": "root", "ssh_key": "${lab.keyFile}", "ssh_known_hosts_file": "${join(folder, 'known_hosts')}"}),`,
  );
  write('hosts.py', `all_hosts = [\n${hosts.join('\n')}\n]\n`);
  const operations = Array.from({ length: steps }, () => 'server.shell(commands=["/bin/true"])');
  write('steps.py', `from pyinfra.operations import server\n${operations.join('\n')}\n`);
  chmodSync(lab.keyFile, 0o600);
}
