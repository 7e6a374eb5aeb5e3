import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../apps/cli/folders.js';
import type { Description } from '../../lab/description.js';
import type { Lab } from '../../lab/lab.js';
import { twoNodes } from './two-nodes.js';

/** Two plain hosts, and one with a PostgreSQL server, a web server and a file to carry. */
export const withDataHost: Description = {
  about: 'Two plain hosts and one with data',
  hosts: { ...twoNodes.hosts, data: { preinstalled: ['postgresql'] } },
  groups: { ...twoNodes.groups, data: ['data'] },
};

export const appPassword = 'the-Password_of/app-7';

/** Sets up what the data host of a lab serves. */
export async function furnishDataHost(lab: Lab): Promise<void> {
  const program = readFileSync(join(projectFolder(), 'test', 'end-to-end', 'data-host.pl'), 'utf8');
  await on(lab, 'data', 'cat >/root/web.pl; setsid perl /root/web.pl >/dev/null 2>&1 </dev/null &', program);
  for (const node of ['node1', 'node2']) await on(lab, node, 'mkdir -p /etc/cron.d');
  await on(lab, 'data', 'head -c 3000000 /dev/urandom >/srv/large');
  await on(
    lab,
    'data',
    'for try in 1 2 3 4 5 6 7 8 9 10; do su postgres -c "psql -qc \'select 1\'" >/dev/null 2>&1 && break; sleep 1; done; su postgres -c "psql -q -v ON_ERROR_STOP=1"',
    `create role app login password '${appPassword}';
create database app owner app;
\\c app
create table words (name text primary key, word text);
alter table words owner to app;
`,
  );
}

/** Runs a script on a host as root, and gives what it prints. */
export async function on(lab: Lab, host: string, script: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(host, ['sh', '-c', script], input);
  if (code !== 0) throw new Error(`on ${host}: ${stderr}`);
  return stdout.trim();
}

/** What is in the database, on the web server, and at the nodes. */
export async function present(lab: Lab): Promise<{ words: string; thing: string; nodes: string[] }> {
  const get = `perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new("127.0.0.1:8080") or die; print $s "GET /things/ours HTTP/1.1\\r\\n\\r\\n"; print <$s>'`;
  return {
    words: await on(lab, 'data', `su postgres -c "psql -At app -c 'select name, length(word) from words'"`),
    thing: (await on(lab, 'data', get)).split('\r\n\r\n')[1] ?? '',
    nodes: await Promise.all(
      ['node1', 'node2'].map(async (node) =>
        on(lab, node, 'cd /srv && sha256sum carried 2>/dev/null; ls -A; ls /etc/cron.d/carried 2>/dev/null || true'),
      ),
    ),
  };
}
