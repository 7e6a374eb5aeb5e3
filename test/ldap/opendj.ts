// cspell:words keystore setpriv dsreplication
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { ensureOpenDj, openDjJava, openDjMemory } from '../../lab/opendj.js';

/** Two hosts with a real OpenDJ each, as its own set-up leaves them: certificates of their own with a name and no SAN. */
export interface OpenDjPair {
  readonly lab: Lab;
  readonly password: string;
  /** Runs one of OpenDJ's tools on a host, and gives what it prints. */
  tool(host: string, ...words: string[]): Promise<string>;
  /** The certificate that a host shows at a port, PEM. */
  certificate(host: string, port: number): Promise<string>;
  /** Makes `o=gluu` one directory on both, the first one's. */
  replicate(): Promise<void>;
  remove(): Promise<void>;
}

export const manager = 'cn=directory manager';
export const [ldaps, admin] = [1636, 4444];
const password = 'managing-is-what-I-do';
const secret = '/root/.pw';
/** Its tools live for seconds, so the better compiler of Java would cost more than it gives. */
const environment = [
  'env',
  `OPENDJ_JAVA_ARGS=${openDjMemory} -XX:TieredStopAtLevel=1`,
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
];

export async function startOpenDjPair(name: string): Promise<OpenDjPair> {
  const source = await ensureOpenDj(() => undefined);
  const hosts = { ldap1: { preinstalled: [openDjJava] }, ldap2: { preinstalled: [openDjJava] } };
  const lab = await labUp({ name, description: { hosts }, say: () => undefined });
  const run = async (host: string, words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec(host, [...environment, ...words]);
    if (code !== 0) throw new Error(`${words.join(' ')} on ${host} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  };
  const pair: OpenDjPair = {
    lab,
    password,
    tool: async (host, program = '', ...words) => run(host, [`/opt/opendj/bin/${program}`, ...words]),
    certificate: async (host, port) =>
      run(host, ['sh', '-euc', `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null | openssl x509`]),
    replicate: async () => replicate(pair),
    remove: async () => void (await labDown(name)),
  };
  try {
    await Promise.all(
      lab.hosts.map(async (host) => {
        await cp(source, join(host.root, 'opt/opendj'), { recursive: true, preserveTimestamps: true });
        await writeFile(join(host.root, secret), password, { mode: 0o600 });
        await run(host.name, ['/opt/opendj/setup', ...setUp(host.fqdn)]);
        await encryptReplication(join(host.root, 'opt/opendj/config/config.ldif'));
        await run(host.name, ['sh', '-c', 'exec /opt/opendj/bin/start-ds </dev/null']);
      }),
    );
    return pair;
  } catch (error) {
    await pair.remove();
    throw error;
  }
}

function setUp(fqdn: string): string[] {
  return [
    ...['--cli', '--no-prompt', '--acceptLicense', '--rootUserDN', manager, '--rootUserPasswordFile', secret],
    ...['--baseDN', 'o=gluu', '--addBaseEntry', '--hostname', fqdn, '--ldapPort', '1389', '--ldapsPort', `${ldaps}`],
    ...['--adminConnectorPort', `${admin}`, '--generateSelfSignedCertificate', '--backendType', 'je', '--doNotStart'],
  ];
}

/** Only what stands in the configuration at the start encrypts replication; what the tools say later does not. */
async function encryptReplication(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [entry = ''] = /^dn: cn=Crypto Manager,cn=config\n[\s\S]*?\n\n/m.exec(text) ?? [];
  const changed = entry.replace('ds-cfg-ssl-encryption: false', 'ds-cfg-ssl-encryption: true');
  if (entry === changed) throw new Error('the crypto manager is configured otherwise than expected');
  await writeFile(file, text.replace(entry, changed));
}

async function replicate({ lab, tool }: OpenDjPair): Promise<void> {
  const [one, two] = [lab.host('ldap1'), lab.host('ldap2')];
  const both = ['--baseDN', 'o=gluu', '--adminUID', 'admin', '--adminPasswordFile', secret, '-X', '-n'];
  const side = (number: number, fqdn: string): string[] => [
    ...[`--host${number}`, fqdn, `--port${number}`, `${admin}`, `--bindDN${number}`, manager],
    ...[`--bindPasswordFile${number}`, secret, `--replicationPort${number}`, '8989'],
  ];
  await tool('ldap1', 'dsreplication', 'enable', ...side(1, one.fqdn), ...side(2, two.fqdn), ...both);
  const from = ['--hostSource', one.fqdn, '--portSource', `${admin}`];
  const to = ['--hostDestination', two.fqdn, '--portDestination', `${admin}`];
  await tool('ldap1', 'dsreplication', 'initialize', ...from, ...to, ...both);
}
