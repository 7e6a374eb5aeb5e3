// cspell:words nchangetype
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LdapOperation } from '../../model/operation.js';
import { compileStep, readCases, type StepKeys } from '../steps/cases.js';
import { startWire, type Fault, type Wire } from './proxy.js';
import { startSlapd, writer, type Slapd } from './slapd.js';
import { onlyOnce } from './stage.js';
import { makeWorld, type World } from './world.js';

/** One exchange with a real directory, told as data. Attributes are lines of LDIF; those of `base` go without saying. */
interface Exchange {
  readonly it: string;
  /** What alice's entry has besides; false where there is none. */
  readonly there?: readonly string[] | false;
  /** Further entries, as LDIF; removed afterwards. */
  readonly around?: readonly { readonly dn: string; readonly ldif: string }[];
  readonly step: StepKeys;
  /** Who changes it: one to whom no change numbers are shown, so that nothing can be asserted by them. */
  readonly as?: 'writer';
  /** What somebody else does just before the first request, and between step and undo: LDIF below alice's name. */
  readonly meanwhile?: string;
  readonly later?: string;
  readonly fault?: Fault;
  readonly ends: string;
  readonly because?: string;
  readonly says?: string;
  readonly leaves?: readonly string[] | false;
  readonly undo?: string;
  /** After undo; as it was at first where absent. */
  readonly back?: readonly string[] | false;
}

const alice = 'uid=alice,ou=people,o=gluu';
const base = ['cn: Alice', 'objectClass: inetOrgPerson', 'sn: Liddell', 'uid: alice'];
const secrets = { login: '', token: 'a-Secret/Token+7' };

let slapd: Slapd;
let wire: Wire;
beforeAll(async () => void (slapd = await startSlapd()));
afterAll(async () => slapd.remove());

for (const { kind, cases } of readCases<Exchange>('exchanges').filter((one) => one.kind.startsWith('ldap.')))
  describe(kind, () => {
    for (const one of cases) test(one.it, async () => exchange(one));
  });

async function exchange(one: Exchange): Promise<void> {
  wire = await startWire(slapd.port);
  try {
    setUp(one);
    const world = makeWorld(operationOf(one), { ...secrets, login: slapd.login.password });
    if (one.meanwhile !== undefined || one.fault !== undefined) world.on.send = onlyOnce(() => interfere(one));
    await world.run();
    const [result] = world.results;
    expect(result?.ending, JSON.stringify(result)).toBe(one.ends);
    expect(result?.failure?.kind).toBe(one.because);
    if (one.says !== undefined) expect(JSON.stringify(result)).toContain(one.says);
    if (one.fault !== undefined) expect(wire.struck).toBeGreaterThan(0);
    expectThere(one.leaves ?? one.there ?? []);
    if (one.undo !== undefined) await goBack(one, world);
    for (const secret of [secrets.token, slapd.login.password]) expect(world.told()).not.toContain(secret);
  } finally {
    await wire.close();
    for (const { dn } of [{ dn: alice }, ...(one.around ?? []).toReversed()]) remove(dn);
  }
}

async function goBack(one: Exchange, world: World): Promise<void> {
  if (one.later !== undefined) slapd.modify(`dn: ${alice}\n${one.later}`);
  await world.undo();
  expect(world.undone[0]?.outcome, JSON.stringify(world.undone)).toBe(one.undo);
  expectThere(one.back ?? one.there ?? []);
}

function setUp({ there = [], around = [] }: Exchange): void {
  for (const { dn, ldif } of around) slapd.modify(`dn: ${dn}\nchangetype: add\n${ldif}`);
  if (there !== false) slapd.modify(`dn: ${alice}\nchangetype: add\n${[...base, ...there].join('\n')}`);
}

function interfere({ meanwhile, fault }: Exchange): void {
  if (meanwhile !== undefined) slapd.modify(`dn: ${alice}\n${meanwhile}`);
  if (fault !== undefined) wire.fail(fault);
}

function operationOf({ step, as }: Exchange): LdapOperation {
  const [kind = '', args] = Object.entries(step)[0] ?? [];
  const login = as === 'writer' ? writer : { dn: slapd.login.dn, password: '${{ secret.login }}' };
  const where = { url: `ldaps://localhost:${wire.port}`, authority: slapd.authority, bind: login, entry: alice };
  const operation = compileStep({ [kind]: { ...where, ...(args as object) } });
  if (operation.on !== 'ldap') throw new Error(`${kind} is of another place`);
  return operation;
}

function expectThere(lines: readonly string[] | false): void {
  const there = slapd.lines(alice);
  expect(there).toEqual(lines === false ? undefined : [...base, ...lines].sort());
}

function remove(dn: string): void {
  if (slapd.lines(dn) !== undefined) slapd.modify(`dn: ${dn}\nchangetype: delete`);
}
