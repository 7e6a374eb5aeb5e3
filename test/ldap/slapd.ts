// cspell:words ldapmodify libldap nchangetype changetype moduleload attributetype objectclass rootdn rootpw maxsize syncprov syncrepl inetorgperson searchbase bindmethod binddn
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { serverCertificate } from '../certificates/server-certificate.js';
import { slapdBinaries, type Binaries } from './slapd-binaries.js';

/** A real directory server of one's own, on loopback, with ldaps alone, for `localhost` and not for 127.0.0.1. */
export interface Slapd {
  readonly url: string;
  readonly port: number;
  readonly authority: string;
  readonly login: { readonly dn: string; readonly password: string };
  readonly entry: string;
  /** The values of an attribute as `ldapsearch` tells them, which shares no code with Belay. */
  values(attribute: string): string[];
  /** All lines of an entry's attributes, sorted; undefined where it is not there. Names, too, where asked for. */
  lines(dn: string, ...attributes: string[]): string[] | undefined;
  /** The names of the entries directly below one. */
  below(dn: string): string[];
  /** Changes the entry as another administrator would, by `ldapmodify`. */
  modify(ldif: string): void;
  /** Sets the attribute to exactly these values. */
  set(attribute: string, ...values: string[]): void;
  /** Where other servers of this machine find it, without TLS. */
  readonly socket: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

const suffix = 'o=gluu';
const entry = 'inum=@!1111,ou=appliances,o=gluu';
const dn = `cn=directory manager,${suffix}`;

/** Somebody who may change people, and to whom the server shows no change numbers. */
export const writer = { dn: `cn=writer,${suffix}`, password: 'writing-is-what-I-do' };

/** Somebody who may read everything and change nothing. */
export const reader = { dn: `cn=reader,${suffix}`, password: 'reading-is-all-I-may' };

/** @param provider - a server whose copy this one is: it replicates, and takes no changes of its own */
export async function startSlapd(provider?: Slapd): Promise<Slapd> {
  const binaries = slapdBinaries();
  const folder = mkdtempSync(join(tmpdir(), 'belay-slapd-'));
  const port = await getPort({ host: '127.0.0.1' });
  const password = provider?.login.password ?? randomBytes(12).toString('hex');
  const authority = await writeConfiguration(folder, binaries, password, provider);
  const url = `ldaps://localhost:${port}`;
  // libldap takes `localhost` for this machine's own name, so the tools come in by the back door.
  const socket = `ldapi://${encodeURIComponent(join(folder, 'ldapi'))}`;
  let child: ChildProcess | undefined;
  const tool = (program: string, words: string[], input = ''): string =>
    execFileSync(program, ['-x', '-H', socket, '-D', dn, '-w', password, ...words], {
      env: { ...binaries.environment, LDAPNOINIT: '1' },
      input,
      encoding: 'utf8',
    });
  const modify = (ldif: string): void => void tool(binaries.ldapmodify, ['-c'], `${ldif}\n`);
  const server: Slapd = {
    url,
    port,
    authority,
    login: { dn, password },
    entry,
    socket,
    values: (attribute) =>
      ldifValues(
        tool(binaries.ldapsearch, ['-LLL', '-o', 'ldif-wrap=no', '-s', 'base', '-b', entry, attribute]),
        attribute,
      ),
    lines: (of, ...attributes) =>
      linesOf(() => tool(binaries.ldapsearch, ['-LLL', '-o', 'ldif-wrap=no', '-s', 'base', '-b', of, ...attributes])),
    below: (of) =>
      tool(binaries.ldapsearch, ['-LLL', '-o', 'ldif-wrap=no', '-s', 'one', '-b', of, '1.1'])
        .split('\n')
        .flatMap((line) => (line.startsWith('dn: ') ? [line.slice(4)] : []))
        .sort(),
    modify,
    set: (attribute, ...values) =>
      modify(
        `dn: ${entry}\nchangetype: modify\nreplace: ${attribute}\n${values.map((value) => `${attribute}:: ${Buffer.from(value).toString('base64')}\n`).join('')}-`,
      ),
    start: async () => {
      child = spawn(
        binaries.slapd,
        ['-d', '0', '-h', `ldaps://127.0.0.1:${port} ${socket}`, '-f', join(folder, 'slapd.conf')],
        {
          stdio: 'ignore',
          env: binaries.environment,
        },
      );
      await listening(port, child);
    },
    kill: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    remove: async () => {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await server.start();
    if (!provider) modify(tree);
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}

const tree = `dn: ${suffix}
changetype: add
objectClass: organization
o: gluu

dn: ou=appliances,${suffix}
changetype: add
objectClass: organizationalUnit
ou: appliances

dn: ${entry}
changetype: add
objectClass: gluuAppliance
inum: @!1111

dn: ${reader.dn}
changetype: add
objectClass: person
cn: reader
sn: reader
userPassword: ${reader.password}

dn: ${writer.dn}
changetype: add
objectClass: person
cn: writer
sn: writer
userPassword: ${writer.password}

dn: ou=people,${suffix}
changetype: add
objectClass: organizationalUnit
ou: people`;

async function writeConfiguration(
  folder: string,
  { root }: Binaries,
  password: string,
  provider?: Slapd,
): Promise<string> {
  const { authority, certificate, key } = await serverCertificate();
  writeFileSync(join(folder, 'ca.pem'), authority);
  writeFileSync(join(folder, 'certificate.pem'), certificate);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  mkdirSync(join(folder, 'data'));
  const lines = [
    `modulepath ${join(root, 'usr/lib/ldap')}`,
    'moduleload back_mdb',
    'moduleload syncprov',
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include ${join(root, `etc/ldap/schema/${name}.schema`)}`),
    "attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'inum' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
    "attributetype ( 1.3.6.1.4.1.32473.1.2 NAME 'oxCacheConfiguration' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
    "objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'gluuAppliance' SUP top STRUCTURAL MUST inum MAY ( oxCacheConfiguration $ description ) )",
    `TLSCACertificateFile ${join(folder, 'ca.pem')}`,
    `TLSCertificateFile ${join(folder, 'certificate.pem')}`,
    `TLSCertificateKeyFile ${join(folder, 'key.pem')}`,
    'database config',
    `access to * by dn.exact="${dn}" manage by * none`,
    'database mdb',
    `suffix "${suffix}"`,
    `rootdn "${dn}"`,
    `rootpw ${password}`,
    `directory ${join(folder, 'data')}`,
    'maxsize 16777216',
    ...(provider ? replicating(provider) : []),
    'access to attrs=userPassword by anonymous auth',
    `access to attrs=entryCSN by dn.exact="${writer.dn}" none by users read`,
    `access to dn.subtree="ou=people,${suffix}" by dn.exact="${writer.dn}" write by users read`,
    'access to * by users read',
    ...(provider ? [] : ['overlay syncprov']),
  ];
  writeFileSync(join(folder, 'slapd.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
  return authority;
}

function replicating({ socket, login }: Slapd): string[] {
  const words = ['rid=1', `provider="${socket}"`, `searchbase="${suffix}"`, 'type=refreshAndPersist', 'retry="1 +"'];
  return [`syncrepl ${words.join(' ')} bindmethod=simple binddn="${login.dn}" credentials="${login.password}"`];
}

function linesOf(search: () => string): string[] | undefined {
  try {
    return search()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('dn:'))
      .sort();
  } catch {
    return undefined;
  }
}

function ldifValues(ldif: string, attribute: string): string[] {
  return [...ldif.matchAll(new RegExp(`^${attribute}:(:?) (.*)$`, 'gm'))].map(([, coded, value = '']) =>
    coded ? Buffer.from(value, 'base64').toString('utf8') : value,
  );
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`slapd ended with ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error(`slapd does not listen on ${port}`);
}
