import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LdapOperation } from '../../model/operation.js';
import type { Register } from '../../model/plan.js';
import { compileStep } from '../steps/cases.js';
import { admin, ldaps, manager, startOpenDjPair, type OpenDjPair } from './opendj.js';
import { makeWorld, type World } from './world.js';

const appliance = 'inum=@!1E3B.1A2B!0002!AAAA,ou=appliances,o=gluu';
const text = 'EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15';
const schema = {
  entry: 'cn=schema',
  attribute_types: [
    `( 1.3.6.1.4.1.32473.1.1 NAME 'inum' ${text} )`,
    `( 1.3.6.1.4.1.32473.1.2 NAME 'oxCacheConfiguration' ${text} )`,
  ],
  object_classes: [
    "( 1.3.6.1.4.1.32473.2.1 NAME 'gluuAppliance' SUP top STRUCTURAL MUST inum MAY ( oxCacheConfiguration $ description ) )",
  ],
};
const settings = '{ "cacheProviderType" : "IN_MEMORY",  "redisConfiguration":{"servers":"localhost:6379"} }';
const number: Register = { from: 'stdout', trim: false, type: 'integer' };
const words: Register = { ...number, type: 'text' };

let pair: OpenDjPair;
const certificates = new Map<string, string>();
beforeAll(async () => {
  pair = await startOpenDjPair('directory-pair');
  for (const host of ['ldap1', 'ldap2'])
    for (const port of [ldaps, admin]) certificates.set(`${host}:${port}`, await pair.certificate(host, port));
}, 600_000);
afterAll(async () => pair?.remove());

interface Server {
  readonly url: string;
  readonly address: string;
  readonly authority: string;
  readonly bind: object;
}

/** By its name, which only its certificate knows here, at its address; the certificate is its own and has no SAN. */
function at(host: string, port = ldaps): Server {
  const { fqdn, address } = pair.lab.host(host);
  const bind = { dn: manager, password: '${{ secret.login }}' };
  return { url: `ldaps://${fqdn}:${port}`, address, authority: certificates.get(`${host}:${port}`) ?? '', bind };
}

function worldOf(kind: string, written: object, server: Server = at('ldap1'), proof?: object): World {
  const operation = compileStep({ [kind]: { ...server, ...written } }) as LdapOperation;
  return makeWorld(operation, { login: pair.password }, {}, undefined, 60, proof);
}

async function ends(world: World): Promise<string | undefined> {
  await world.run();
  const [result] = world.results;
  return result?.failure === undefined ? result?.ending : `${result.ending}: ${result.failure.known}`;
}

async function goesBack(world: World): Promise<string | undefined> {
  await world.undo();
  const [result] = world.undone;
  return result?.failure === undefined ? result?.outcome : `${result.outcome}: ${result.failure.known}`;
}

async function counted(host: string, written: object): Promise<unknown> {
  const world = worldOf('ldap.search', { ...written, count: true }, at(host), { register: { is: number } });
  expect(await ends(world)).toBe('ok');
  return world.results[0]?.registered['is'];
}

describe('OpenDJ', () => {
  test('learns definitions in cn=schema, and undo takes them out again', async () => {
    const world = worldOf('ldap.schema', schema);
    expect(await ends(world)).toBe('done');
    expect(await goesBack(world)).toBe('undone');
    expect(await ends(worldOf('ldap.schema', schema))).toBe('done');
    expect(await ends(worldOf('ldap.schema', schema))).toBe('ok');
  });

  test('has an entry made and taken away again, though it adds attributes of its own to it', async () => {
    const entry = 'ou=appliances,o=gluu';
    const written = { entry, attributes: { objectClass: ['top', 'organizationalUnit'], ou: 'appliances' } };
    const world = worldOf('ldap.entry', written);
    expect(await ends(world)).toBe('done');
    expect(await goesBack(world)).toBe('undone');
    expect(await counted('ldap1', { entry })).toBe(0);
    expect(await ends(worldOf('ldap.entry', written))).toBe('done');
    expect(await ends(worldOf('ldap.entry', written))).toBe('ok');
  });

  test('does not lose what others add to an entry: undo asks', async () => {
    const entry = 'ou=more,o=gluu';
    const world = worldOf('ldap.entry', { entry, attributes: { objectClass: 'organizationalUnit', ou: 'more' } });
    expect(await ends(world)).toBe('done');
    expect(await ends(worldOf('ldap.modify', { entry, add: { description: 'of others' } }))).toBe('done');
    expect(await goesBack(world)).toMatch(/^decide: description was added/);
  });

  test('keeps JSON in an attribute to the byte, and gets its old text back', async () => {
    const attributes = {
      objectClass: ['top', 'gluuAppliance'],
      inum: '@!1E3B.1A2B!0002!AAAA',
      oxCacheConfiguration: settings,
    };
    expect(await ends(worldOf('ldap.entry', { entry: appliance, attributes }))).toBe('done');
    const value = async (): Promise<unknown> => {
      const ask = { entry: appliance, where: { oxCacheConfiguration: true }, attributes: ['oxCacheConfiguration'] };
      const world = worldOf('ldap.search', ask, at('ldap1'), { register: { found: words } });
      await world.run();
      return world.results[0]?.registered['found'];
    };
    const world = worldOf('ldap.json', {
      entry: appliance,
      attribute: 'oxCacheConfiguration',
      set: [{ pointer: '/cacheProviderType', value: 'REDIS' }],
    });
    expect(await ends(world)).toBe('done');
    expect(await value()).toContain(settings.replace('IN_MEMORY', 'REDIS'));
    expect(await goesBack(world)).toBe('undone');
    expect(await value()).toContain(settings);
  });

  test('is changed through its admin connector, which has a certificate of its own', async () => {
    const world = worldOf(
      'ldap.modify',
      { entry: appliance, set: { description: ['one', 'two'] } },
      at('ldap1', admin),
    );
    expect(await ends(world)).toBe('done');
    expect(await goesBack(world)).toBe('undone');
  });

  test.each([
    ['the certificate of another server', () => ({ authority: at('ldap2').authority }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['another name', () => ({ url: `ldaps://other.lab.test:${ldaps}` }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('is not trusted under %s, and hears no password', async (_name, change, code) => {
    const world = worldOf(
      'ldap.modify',
      { entry: appliance, add: { description: 'x' } },
      { ...at('ldap1'), ...change() },
    );
    expect(await ends(world)).toBe(`refused: the server's certificate is not trusted (${code}); no login was sent`);
  });

  test('shows a marker on its replica, both ways, and its replication encrypted and without changes that are missing', async () => {
    await pair.replicate();
    for (const [here, there] of [
      ['ldap1', 'ldap2'],
      ['ldap2', 'ldap1'],
    ] as const)
      expect(await ends(worldOf('ldap.wait', { entry: 'ou=appliances,o=gluu', peer: at(there) }, at(here)))).toBe('ok');
    for (const host of ['ldap1', 'ldap2']) {
      expect(await counted(host, { entry: 'o=gluu', scope: 'subtree' })).toBe(4);
      const monitor = {
        entry: 'cn=Replication,cn=monitor',
        scope: 'subtree',
        where: { 'domain-name': 'o=gluu', 'generation-id': true },
        attributes: ['missing-changes', 'ssl-encryption'],
      };
      const world = worldOf('ldap.search', monitor, at(host), { register: { found: words } });
      expect(await ends(world)).toBe('ok');
      const found = world.results[0]?.registered['found'];
      expect(found).toContain('ssl-encryption: true');
      expect(found).not.toContain('ssl-encryption: false');
      expect(found).toContain('missing-changes: 0');
    }
  }, 300_000);
});
