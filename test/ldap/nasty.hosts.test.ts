import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LdapOperation } from '../../model/operation.js';
import type { Register } from '../../model/plan.js';
import type { Result } from '../../model/record.js';
import { impossible } from '../ssh/nasty-values.js';
import { compileStep } from '../steps/cases.js';
import { nastyTexts, unlessRefused } from '../steps/leaves.js';
import { startSlapd, type Slapd } from './slapd.js';
import { makeWorld } from './world.js';

const values = [...nastyTexts('/canary'), ...Object.values(impossible).filter((value) => value.length < 3000)];
const people = 'ou=people,o=gluu';
const alice = `uid=alice,${people}`;
const person = { objectClass: 'inetOrgPerson', cn: 'Somebody', sn: 'Somebody' };
const number: Register = { from: 'stdout', trim: false, type: 'integer' };

let slapd: Slapd;
beforeAll(async () => void (slapd = await startSlapd()));
afterAll(async () => slapd.remove());
beforeEach(() => {
  for (const dn of slapd.below(people)) remove(dn);
  slapd.modify(`dn: ${alice}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: Alice\nsn: Liddell`);
});

describe('nasty values are refused, or arrive as they are,', () => {
  test('as what an attribute is set to', async () => {
    await each('ldap.modify', (value) => ({ entry: alice, set: { description: value } }), {
      arrived: () => valuesOf(alice, 'description'),
      calm: [],
      after: () => slapd.modify(`dn: ${alice}\nchangetype: modify\nreplace: description\n-`),
    });
  });

  test('as what an entry is made with', async () => {
    const bob = `uid=bob,${people}`;
    await each('ldap.entry', (value) => ({ entry: bob, attributes: { ...person, description: value } }), {
      arrived: () => valuesOf(bob, 'description'),
      calm: [],
      after: () => remove(bob),
    });
  });

  test('as a value inside of JSON', async () => {
    const attribute = 'oxCacheConfiguration';
    slapd.set(attribute, '{"old":1,"other":"stays"}');
    await each('ldap.json', (value) => ({ entry: slapd.entry, attribute, set: [{ pointer: '/old', value }] }), {
      arrived: () => slapd.values(attribute).map((text) => (JSON.parse(text) as { old: unknown }).old),
      calm: [1],
      after: () => slapd.set(attribute, '{"old":1,"other":"stays"}'),
    });
  });

  test('as what is searched for: nothing else is found', async () => {
    slapd.modify(
      `dn: uid=carol,${people}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: Carol\nsn: C\ndescription: calm`,
    );
    let found = 0;
    for (const value of values) {
      const { ending } = (await carriedOut('ldap.modify', { entry: alice, set: { description: value } })) ?? {};
      const search = { entry: people, scope: 'one', where: { description: value }, count: true };
      const result = await carriedOut('ldap.search', search, number);
      const said = `${JSON.stringify(value)}: ${JSON.stringify(result)}`;
      const count = Number(result?.registered['is'] ?? 0);
      expect(count, said).toBeLessThanOrEqual(ending === 'done' ? 1 : 0);
      found += count;
      slapd.modify(`dn: ${alice}\nchangetype: modify\nreplace: description\n-`);
    }
    expect(found).toBeGreaterThan(20);
  });
});

test.each(['dn', 'password'])('nasty values log nobody in as the %s', async (key) => {
  for (const value of values) {
    const bind = { dn: slapd.login.dn, password: slapd.login.password, [key]: value };
    const result = await carriedOut('ldap.modify', { bind, entry: alice, set: { description: 'in' } });
    const said = `${JSON.stringify(value)}: ${JSON.stringify(result)}`;
    expect([result?.ending ?? 'refused', valuesOf(alice, 'description')], said).toEqual(['refused', []]);
  }
});

/** What the directory has of a value, what it has where that was refused, and how the next one finds it as before. */
interface Place {
  readonly arrived: () => unknown[];
  readonly calm: readonly unknown[];
  readonly after: () => void;
}

async function each(kind: string, keys: (value: string) => object, { arrived, calm, after }: Place): Promise<void> {
  let done = 0;
  for (const value of values) {
    const result = await carriedOut(kind, keys(value));
    const said = `${JSON.stringify(value)}: ${JSON.stringify(result)}`;
    if (result?.ending === 'done') expect(arrived(), said).toEqual([((done += 1), value)]);
    else expect([result?.ending ?? 'refused', arrived()], said).toEqual(['refused', calm]);
    if (result?.ending === 'done') after();
  }
  expect(done).toBeGreaterThan(20);
}

/** How a step ended on the directory; undefined where there was no plan of it. */
async function carriedOut(kind: string, keys: object, register?: Register): Promise<Result | undefined> {
  const { url, authority, login } = slapd;
  const bind = { dn: login.dn, password: login.password };
  const operation = compiled(kind, { url, authority, bind, ...keys });
  if (!operation) return undefined;
  const proof = register ? { register: { is: register } } : {};
  const world = makeWorld(operation, {}, {}, undefined, 60, proof);
  await world.run();
  return world.results[0];
}

function compiled(kind: string, keys: object): LdapOperation | undefined {
  return unlessRefused(() => compileStep({ [kind]: keys })) as LdapOperation | undefined;
}

/** The values of an attribute as `ldapsearch` tells them; none where the entry is not there. */
function valuesOf(dn: string, attribute: string): string[] {
  return (slapd.lines(dn, attribute) ?? []).map((line) => {
    const [, coded, text = ''] = /^[^:]*:(:?) ?(.*)$/.exec(line) ?? [];
    return coded ? Buffer.from(text, 'base64').toString('utf8') : text;
  });
}

function remove(dn: string): void {
  if (slapd.lines(dn) !== undefined) slapd.modify(`dn: ${dn}\nchangetype: delete`);
}
