// cspell:ignore Grüße zwei Zeilen changetype nchangetype
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { valueType } from '../../model/types/parameter.js';
import type { LdapOperation } from '../../model/operation.js';
import type { Register } from '../../model/plan.js';
import { compileStep } from '../steps/cases.js';
import { reader, startSlapd, type Slapd } from './slapd.js';
import { makeWorld, type World } from './world.js';

let slapd: Slapd;
beforeAll(async () => void (slapd = await startSlapd()));
afterAll(async () => slapd.remove());

const entries: Register = {
  from: 'stdout',
  trim: false,
  type: 'list',
  parse: { format: 'ldif' },
  value: valueType.parse({
    type: 'list',
    of: {
      type: 'map',
      fields: { dn: { type: 'text' }, attributes: { type: 'map', of: { type: 'list', of: { type: 'text' } } } },
    },
  }),
};
const number: Register = { from: 'stdout', trim: false, type: 'integer' };

function worldOf(written: object, register: Register, ...assert: string[]): World {
  const { url, authority, login } = slapd;
  const where = { url, authority, bind: { dn: login.dn, password: '${{ secret.login }}' } };
  const operation = compileStep({ 'ldap.search': { ...where, ...written } }) as LdapOperation;
  const proof = { register: { is: register }, assert };
  return makeWorld(operation, { login: login.password }, {}, undefined, 60, proof);
}

describe('a search', () => {
  test('registers the entries that it finds, with the attributes that are asked for, and changes nothing', async () => {
    const world = worldOf({ entry: reader.dn, attributes: ['CN', 'sn'] }, entries);
    await world.run();
    expect(world.results[0]).toMatchObject({
      ending: 'ok',
      summary: '1 entry',
      registered: { is: [{ dn: reader.dn, attributes: { cn: ['reader'], sn: ['reader'] } }] },
    });
    expect(world.intents).toEqual([]);
  });

  test('gives bytes that are no plain text as they are', async () => {
    slapd.set('description', ' zwei\nZeilen', 'Grüße');
    const world = worldOf({ entry: slapd.entry, attributes: ['description'] }, entries);
    await world.run();
    const [found] = world.results[0]?.registered['is'] as { attributes: { description: string[] } }[];
    expect(found?.attributes.description.sort()).toEqual([' zwei\nZeilen', 'Grüße']);
  });

  test.each([
    [{ entry: 'o=gluu', scope: 'subtree', where: { objectClass: ['person', 'gluuAppliance'] } }, 3],
    [{ entry: 'o=gluu', scope: 'one' }, 4],
    [{ entry: 'o=gluu', scope: 'subtree', where: { cn: true, sn: 'reader' } }, 1],
    [{ entry: 'o=gluu', scope: 'subtree', where: { cn: 'reader)(cn=*' } }, 0],
    [{ entry: 'ou=nowhere,o=gluu', scope: 'subtree' }, 0],
  ])('counts %j', async (written, count) => {
    const world = worldOf({ ...written, count: true }, number, `steps.it.is == ${count}`);
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'ok', registered: { is: count } });
  });

  test('counts more entries than a server gives at once', async () => {
    const people = Array.from(
      { length: 1200 },
      (_, index) => `dn: cn=p${index},ou=people,o=gluu
changetype: add
objectClass: person
cn: p${index}
sn: p`,
    );
    slapd.modify(people.join('\n\n'));
    const world = worldOf({ entry: 'ou=people,o=gluu', scope: 'one', count: true }, number);
    await world.run();
    expect(world.results[0]?.registered).toEqual({ is: 1200 });
  });

  test('fails where what is asserted of it does not hold', async () => {
    const world = worldOf({ entry: 'o=gluu', scope: 'one', count: true }, number, 'steps.it.is == 7');
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'partial', failure: { kind: 'step/assert-failed' } });
    expect(world.results[0]?.failure?.known).toBe('steps.it.is == 7 does not hold: is = 4');
  });

  test('masks the secrets of the step in what it reads', async () => {
    slapd.set('description', `pw=${slapd.login.password}`);
    const world = worldOf({ entry: slapd.entry, attributes: ['description'] }, entries);
    await world.run();
    expect(world.told()).not.toContain(slapd.login.password);
    expect(JSON.stringify(world.results[0]?.registered)).toContain('pw=');
  });
});
