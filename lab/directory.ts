import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckedDescription } from './description.js';
import { LabError } from './error.js';
import { execute, hostFolder, initOf } from './host.js';
import { must, run } from './program.js';
import type { HostRecord, LabRecord } from './record.js';

type Directory = NonNullable<CheckedDescription['directory']>;

/** Where the lab keeps the manager's password and its certificate authority. */
export const passwordFile = 'directory-password';
export const authorityFile = 'authority.pem';

/** Sets up slapd on a host that has not been started: its configuration, certificate and first entries. */
export async function furnishDirectory(record: LabRecord, host: HostRecord, directory: Directory): Promise<void> {
  const root = hostFolder(record, host, 'root');
  const password = randomBytes(18).toString('base64url');
  await writeFile(join(record.folder, passwordFile), password, { mode: 0o600 });
  await certify(record, host);
  await load(root, 0, configuration(directory, await readFile(directory.schema, 'utf8'), password));
  await load(root, 1, await readFile(directory.tree, 'utf8'));
  await must([
    'chroot',
    root,
    'chown',
    '-R',
    'openldap:openldap',
    '/etc/ldap/slapd.d',
    '/var/lib/ldap',
    '/etc/ldap/tls',
  ]);
  await writeFile(join(root, 'etc/default/slapd'), defaults);
}

/**
 * The entries of a directory server, sorted, for the order of an entry's lines means nothing, and without what the server
 * itself writes at each change; none for other hosts.
 */
export async function readEntries(record: LabRecord, host: HostRecord): Promise<Record<string, string[]>> {
  if (record.description.directory?.host !== host.name) return {};
  const dump = ['slapcat', '-o', 'ldif-wrap=no', '-n', '1'];
  const inside = (await initOf(record, host)) !== undefined;
  const { code, stdout, stderr } = inside
    ? await execute(record, host, dump)
    : await run(['chroot', hostFolder(record, host, 'root'), ...dump]);
  if (code !== 0) throw new LabError(`the entries of the directory on ${host.name} cannot be read: ${stderr.trim()}`);
  const entries = stdout.split('\n\n').map((entry) => entry.split('\n').filter((line) => line && !kept.test(line)));
  return Object.fromEntries(
    entries.filter((lines) => lines.length > 0).map(([name = '', ...lines]) => [name, lines.sort()]),
  );
}

/** What slapd keeps of itself: when and by whom an entry was changed last. */
const kept = /^(entryCSN|modifyTimestamp|modifiersName|contextCSN): /;

/** LDAP over TLS for the network; the socket is for the lab's own eye: root of the host may do everything there. */
const defaults = `SLAPD_USER="openldap"
SLAPD_GROUP="openldap"
SLAPD_SERVICES="ldaps:/// ldapi:///"
SLAPD_SENTINEL_FILE=/etc/ldap/noslapd
`;

async function load(root: string, database: number, ldif: string): Promise<void> {
  await must(['chroot', root, 'mkdir', '-p', '/etc/ldap/slapd.d']);
  await must(['chroot', root, 'slapadd', '-F', '/etc/ldap/slapd.d', '-n', String(database)], { input: ldif });
}

function configuration(directory: Directory, schema: string, password: string): string {
  const root = 'dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth';
  return `dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: /run/slapd/slapd.pid
olcTLSCACertificateFile: /etc/ldap/tls/${authorityFile}
olcTLSCertificateFile: /etc/ldap/tls/server.pem
olcTLSCertificateKeyFile: /etc/ldap/tls/server.key

dn: cn=module{0},cn=config
objectClass: olcModuleList
cn: module{0}
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif

${schema.trim()}

dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend
olcAccess: to * by ${root} manage by * break

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcAccess: to * by ${root} manage by * none

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcDbDirectory: /var/lib/ldap
olcSuffix: ${directory.suffix}
olcRootDN: ${directory.manager}
olcRootPW: ${salted(password)}
olcDbIndex: objectClass eq
olcAccess: to * by ${root} manage by * none
`;
}

/** slapd's {SSHA}: the only salted hash that needs no module. */
function salted(password: string): string {
  const salt = randomBytes(8);
  return `{SSHA}${Buffer.concat([createHash('sha1').update(password).update(salt).digest(), salt]).toString('base64')}`;
}

/** Makes the lab's certificate authority, and by it a certificate for the host's names and address. */
async function certify(record: LabRecord, host: HostRecord): Promise<void> {
  const root = hostFolder(record, host, 'root');
  const tls = '/etc/ldap/tls';
  const openssl = (...words: string[]): Promise<string> =>
    must(['chroot', root, 'openssl', 'req', ...certificate, ...words]);
  await must(['chroot', root, 'mkdir', '-p', tls]);
  const authority = [`${tls}/${authorityFile}`, `${tls}/authority.key`] as const;
  const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  await openssl(
    ...usage,
    '-subj',
    `/CN=Certificate authority of the lab ${record.name}`,
    '-out',
    authority[0],
    '-keyout',
    authority[1],
  );
  const signer = ['-CA', authority[0], '-CAkey', authority[1]];
  const names = `subjectAltName=DNS:${host.fqdn},DNS:${host.name},IP:${host.address}`;
  const server = ['-subj', `/CN=${host.fqdn}`, '-addext', names, '-addext', 'basicConstraints=critical,CA:FALSE'];
  await openssl(...signer, ...server, '-out', `${tls}/server.pem`, '-keyout', `${tls}/server.key`);
  // A copy stays on the server, which shows it to clients; the key does not.
  await must(['cp', join(root, authority[0]), join(record.folder, authorityFile)]);
  await must(['mv', join(root, authority[1]), join(record.folder, 'authority.key')]);
}

/** A new key and a certificate of it. */
const certificate = [...['-x509', '-days', '397', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], '-nodes'];
