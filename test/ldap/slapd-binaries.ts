// cspell:words ldapmodify
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The programs of OpenLDAP, and what they need around them. Root folder `/` where they are installed. */
export interface Binaries {
  readonly root: string;
  readonly slapd: string;
  readonly ldapsearch: string;
  readonly ldapmodify: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * OpenLDAP as Debian packages it: the installed one, or else unpacked into the cache. Nothing is installed, so no
 * service starts on this machine.
 */
export function slapdBinaries(): Binaries {
  if (existsSync('/usr/sbin/slapd') && existsSync('/usr/bin/ldapmodify')) return binariesIn('/');
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'belay');
  const root = join(cache, 'slapd');
  if (!existsSync(root)) unpack(cache, root);
  return binariesIn(root);
}

function binariesIn(root: string): Binaries {
  const libraries = root === '/' ? [] : globSync(join(root, '{usr/,}lib/*-linux-gnu'));
  return {
    root,
    slapd: join(root, 'usr/sbin/slapd'),
    ldapsearch: existsSync('/usr/bin/ldapsearch') ? '/usr/bin/ldapsearch' : join(root, 'usr/bin/ldapsearch'),
    ldapmodify: existsSync('/usr/bin/ldapmodify') ? '/usr/bin/ldapmodify' : join(root, 'usr/bin/ldapmodify'),
    environment: {
      PATH: process.env['PATH'],
      ...(libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {}),
    },
  };
}

/** Unpacks the packages this machine lacks; whole under another name first, so that a half-made one is never used. */
function unpack(cache: string, root: string): void {
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'slapd-'));
  const plan = execFileSync('apt-get', ['--simulate', '--no-install-recommends', 'install', 'slapd', 'ldap-utils'], {
    encoding: 'utf8',
  });
  const lacking = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  execFileSync('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', ...lacking], {
    cwd: draft,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const name of readdirSync(draft)) execFileSync('dpkg', ['-x', join(draft, name), draft]);
  renameSync(draft, root);
}
