// cspell:words nchangetype oxcacheconfiguration
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LdapOperation } from '../../model/operation.js';
import { compileStep } from '../steps/cases.js';
import { startWire, type Fault, type Wire } from './proxy.js';
import { startSlapd, type Slapd } from './slapd.js';
import { onlyOnce } from './stage.js';
import { makeWorld, type World } from './world.js';

const one = "( 1.3.6.1.4.1.32473.9.1 NAME 'acmeOne' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )";
const two = "( 1.3.6.1.4.1.32473.9.2 NAME ( 'acmeTwo' 'acmeSecond' ) DESC 'Two of them' SUP acmeOne SINGLE-VALUE )";
const thing = "( 1.3.6.1.4.1.32473.9.3 NAME 'acmeThing' SUP top AUXILIARY MAY ( acmeOne $ acmeTwo ) )";
const schemas = 'cn=schema,cn=config';

let slapd: Slapd;
let wire: Wire;
let place: string;
beforeAll(async () => {
  slapd = await startSlapd();
  slapd.modify(`dn: cn=acme,${schemas}\nchangetype: add\nobjectClass: olcSchemaConfig\ncn: acme`);
  place = slapd.below(schemas).find((dn) => dn.includes('acme')) ?? '';
});
afterAll(async () => slapd.remove());
beforeEach(async () => void (wire = await startWire(slapd.port)));
afterEach(async () => wire.close());

function worldOf(written: { attribute_types?: string[]; object_classes?: string[]; entry?: string }): World {
  const bind = { dn: slapd.login.dn, password: '${{ secret.login }}' };
  const where = {
    url: `ldaps://localhost:${wire.port}`,
    authority: slapd.authority,
    bind,
    entry: `cn=acme,${schemas}`,
  };
  const operation = compileStep({ 'ldap.schema': { ...where, ...written } }) as LdapOperation;
  return makeWorld(operation, { login: slapd.login.password });
}

/** What the schema entry defines, without the numbers by which slapd orders it. */
function defined(): string[] {
  return (slapd.lines(place) ?? []).flatMap((line) => /^olc\w+: \{\d+\}(\(.*)$/.exec(line)?.[1] ?? []);
}

describe('a schema', () => {
  test.each<[string, Fault]>([
    ['learns definitions that build on each other, and undo takes them out again', 'none'],
    ['is found to have learnt them where the answer is lost', 'cut-answers'],
    ['is told again where the request is lost', 'cut-requests'],
  ])('%s', async (_name, fault) => {
    const world = worldOf({ attribute_types: [one, two], object_classes: [thing] });
    world.on.send = onlyOnce(() => wire.fail(fault));
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'done' });
    expect(defined()).toEqual([one, two, thing]);
    await world.undo();
    expect(world.undone[0]).toMatchObject({ outcome: 'undone' });
    expect(defined()).toEqual([]);
  });

  test('is left alone where it has them already, however they are spelled', async () => {
    const before = worldOf({ attribute_types: [one, two] });
    await before.run();
    const otherwise = two.replace(' SUP', '  sup').replace('acmeTwo', 'ACMETWO').replace(/ \)$/, " X-ORIGIN 'us' )");
    const world = worldOf({ attribute_types: [one.toUpperCase().replace("'ACMEONE'", "( 'acmeOne' )"), otherwise] });
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'ok' });
    await before.undo();
    expect(defined()).toEqual([]);
  });

  test('gets only what it lacks, and undo takes only that out', async () => {
    const before = worldOf({ attribute_types: [one] });
    await before.run();
    const world = worldOf({ attribute_types: [one, two] });
    await world.run();
    await world.undo();
    expect([world.undone[0]?.outcome, defined()]).toEqual(['undone', [one]]);
    await before.undo();
  });

  test.each([
    ['a number', one.replace('9.1', '1.1').replace('acmeOne', 'acmeOther')],
    ['a name', one.replace('acmeOne', 'oxcacheconfiguration')],
    ['a name of the standard', one.replace('acmeOne', 'mail')],
  ])('is not changed where %s stands for something else', async (_name, definition) => {
    const world = worldOf({ attribute_types: [definition] });
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'step/refused' } });
    expect([world.intents, defined()]).toEqual([[], []]);
  });

  test('is not made where slapd has no entry for it', async () => {
    const world = worldOf({ attribute_types: [one], entry: `cn=nobody,${schemas}` });
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'ldap/no-entry' } });
  });

  test('tells that the server does not take a definition', async () => {
    const world = worldOf({ attribute_types: [one.replace('1.3.6.1.4.1.1466.115.121.1.15', '1.2.3.4')] });
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'ldap/refused' } });
  });

  test('keeps definitions that others have built upon since: undo says so', async () => {
    const world = worldOf({ attribute_types: [one] });
    await world.run();
    const later = worldOf({ attribute_types: [two] });
    await later.run();
    await world.undo();
    expect([world.undone[0]?.outcome, defined()]).toEqual(['decide', [one, two]]);
    await later.undo();
    await world.undo();
    expect([world.undone[1]?.outcome, defined()]).toEqual(['undone', []]);
  });
});
