// cspell:words oxtrustconfapplication
import { describe, expect, it } from 'vitest';
import { answeredForRunning } from './answered-for.js';
import { carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { differences, small } from './gluu-world.js';

const name = 'schema-custom';
const runbook = 'runbooks/gluu/custom-schema.yaml';
const asked = {
  public_name: small.public_name,
  object_class: 'acmePerson',
  object_class_oid: '1.3.6.1.4.1.32473.2.1',
  attributes: [
    { name: 'acmeCostCentre', oid: '1.3.6.1.4.1.32473.1.1', label: 'Cost centre', about: 'Who pays' },
    {
      name: 'acmeBadge',
      oid: '1.3.6.1.4.1.32473.1.2',
      label: 'Badges',
      about: 'Numbers of badges',
      type: 'number',
      several: true,
    },
  ],
  // As a schema file has them.
  attribute_types: ["(1.3.6.1.4.1.32473.1.9\n  NAME 'acmeOther' DESC 'Whatever else (of old)'\n\tSUP name )"],
  object_classes: ["( 1.3.6.1.4.1.32473.2.9 NAME 'acmeThing' SUP top AUXILIARY MAY acmeOther )"],
};
const person = 'inum=badged,ou=people,o=site';
/** What a server of directories writes where its schema changes, and changes back; what the schema has is asked of it. */
const ofSchemas = /opt\/opendj\/(changelogDb(\/|$)|config\/(schema\/99-user\.ldif|upgrade\/schema\.ldif\.current)$)/;
/** The processes of an application, each with the time at which it began. */
const begun = (application: string): string =>
  `pgrep -f '[/ ]${application}([ /]|$)' | while read -r one; do [ "$(readlink /proc/$one/root)" = / ] || stat -c %n /proc/$one; done | sort`;

describe('gluu/custom-schema, on a real cluster', () => {
  const world = setCluster(name, 'clustered');
  let run: string;
  /** oxTrust's settings as they were, and the schema. */
  let settings: string;
  let schema: string;

  /** A tool of a node's OpenDJ, as the directory manager; what it reads is LDIF. @returns its output, unfolded */
  const ldap = async (node: string, tool: string, words: string, ldif = '', then = 'cat'): Promise<string> =>
    world.on(
      node,
      `cd /root; (umask 077; printf '%s' '${world.secret('gluu-directory-manager')}' >pw); printf '%s' '${ldif.replaceAll("'", `'\\''`)}' >change
      OPENDJ_JAVA_HOME=/opt/jre chroot ${root} /opt/opendj/bin/${tool} --useSSL --hostname ${node}.lab.test --port 1636 \\
        --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \\
        --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin ${words} <pw 3<change >said && code=0 || code=$?
      rm pw change; perl -0pe 's/\\n //g' said | ${then}; rm said; exit $code`,
    );
  const found = async (node: string, base: string, words: string, then?: string): Promise<string> =>
    ldap(node, 'ldapsearch', `--baseDN '${base}' ${words}`, '', then);
  const change = async (node: string, ldif: string): Promise<string> =>
    ldap(node, 'ldapmodify', '--filename /dev/fd/3', ldif);
  const defined = async (node: string): Promise<string> =>
    found(
      node,
      'cn=schema',
      `--searchScope base '(objectClass=*)' attributeTypes objectClasses`,
      '{ grep -i acme || true; }',
    );
  const schemaOn = async (node: string): Promise<string> =>
    found(node, 'cn=schema', `--searchScope base '(objectClass=*)' attributeTypes objectClasses`, 'sort | sha256sum');
  const settingsOn = async (node: string): Promise<string> =>
    found(node, 'ou=appliances,o=gluu', `'(oxTrustConfApplication=*)' oxTrustConfApplication`, 'grep -v ^dn:');
  const shown = async (node: string): Promise<string> =>
    found(node, 'o=gluu', `'(gluuAttributeOrigin=acmePerson)' gluuAttributeName`, '{ grep Name: || true; } | sort');

  it('has every node know the attributes, and restarts nothing but identity', async () => {
    settings = await settingsOn('node1');
    schema = await schemaOn('node1');
    await world.lab.mark('before');
    const before = [await world.on('node2', begun('oxauth')), await world.on('node2', begun('identity'))];
    expect(before[0]).not.toBe('');
    ({ run } = await carryThrough(world.belay, runbook, asked));
    expect(await world.on('node2', begun('oxauth'))).toBe(before[0]);
    expect(await world.on('node2', begun('identity'))).not.toBe(before[1]);
    for (const node of ['node1', 'node2']) {
      const now = await defined(node);
      for (const one of ['acmeCostCentre', 'acmeBadge', 'acmeOther', 'acmePerson', 'acmeThing'])
        expect(now).toContain(`NAME '${one}'`);
      expect(await shown(node)).toBe('gluuAttributeName: acmeBadge\ngluuAttributeName: acmeCostCentre');
      expect(await settingsOn(node)).toContain(
        '"personObjectClassTypes":["gluuCustomPerson","gluuPerson","acmePerson"]',
      );
    }
  }, 900_000);

  it('changes nothing when it is run again', async () => {
    expect((await carryThrough(world.belay, runbook, asked)).changed).toEqual([]);
  }, 600_000);

  it('refuses to take them back while a person bears one, on whichever node, and takes nothing back', async () => {
    const entry = [
      'objectClass: top',
      'objectClass: gluuPerson',
      'objectClass: acmePerson',
      'objectClass: acmeThing',
      'inum: badged',
      'acmeBadge: 7',
    ];
    await change('node2', `dn: ${person}\nchangetype: add\n${entry.join('\n')}\nacmeBadge: 12\n`);
    expect(await found('node1', person, `'(acmeBadge=12)' acmeBadge`, 'sort')).toContain('acmeBadge: 12\nacmeBadge: 7');

    await world.belay.say(run, 'undo');
    expect((await world.belay.until(run, ['waiting'], 300)).standing).toMatchObject({
      for: 'undo-decision',
      hosts: ['node1'],
    });
    expect(JSON.stringify(await world.belay.events(run))).toContain(
      `entries that are of acmePerson: 1, such as ${person}`,
    );
    expect(await defined('node2')).toContain(`NAME 'acmePerson'`);
    expect(await shown('node2')).not.toBe('');
    expect(await settingsOn('node1')).toContain('"acmePerson"');
  }, 600_000);

  it('refuses it while a person is of a class of a schema file, too', async () => {
    const less = ['delete: acmeBadge', '-', 'delete: objectClass', 'objectClass: acmePerson'];
    await change('node2', `dn: ${person}\nchangetype: modify\n${less.join('\n')}\n`);
    await world.belay.say(run, 'retry');
    const said = async (): Promise<string> => JSON.stringify(await world.belay.events(run));
    await expect
      .poll(said, { timeout: 300_000, interval: 1000 })
      .toContain(`entries that are of acmeThing: 1, such as ${person}`);
    await world.belay.until(run, ['waiting'], 300);
    expect(await defined('node2')).toContain(`NAME 'acmeThing'`);
    expect(await settingsOn('node1')).toContain('"acmePerson"');
  }, 600_000);

  it('takes all of it off every node once nobody bears them', async () => {
    await change('node1', `dn: ${person}\nchangetype: delete\n`);
    await world.belay.say(run, 'retry');
    await world.belay.until(run, ['undone'], 600);
    for (const node of ['node1', 'node2']) {
      expect(await defined(node)).toBe('');
      expect(await shown(node)).toBe('');
      expect(await settingsOn(node)).toBe(settings);
      expect(await schemaOn(node)).toBe(schema);
    }
    const left = answeredForRunning(await differences(world.lab, 'before'));
    expect(left.filter((one) => !ofSchemas.test(one))).toEqual([]);
  }, 900_000);
});
