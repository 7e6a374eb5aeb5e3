import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { LdapNeeds } from '../../activities/ldap/needs.js';
import type { LdapOperation } from '../../model/operation.js';
import type { Hole } from '../../model/value.js';
import { startWire, type Wire } from './proxy.js';
import { startSlapd, type Slapd } from './slapd.js';
import { makeWorld, type World } from './world.js';

export const attribute = 'oxCacheConfiguration';
const secret = (name: string): Hole => ({ expression: `secret.${name}`, sees: 'secret' });
export const newPassword = 'brand-New+Password/42';
export const oldPassword = 'the-Old-Password-17';
/** Laid out as no writer of JSON would, to see that nothing else is touched. */
export const before = `{ "cacheProviderType" : "IN_MEMORY",\n  "big": 12345678901234567890,  "redisConfiguration":{"servers":"localhost:6379", "password":"${oldPassword}", "u":"\\u00e4"},\t"nested":"{\\"a\\":1, \\"b\\":\\"x\\"}" }`;
export const after = before
  .replace('IN_MEMORY', 'REDIS')
  .replace('6379', '16379')
  .replace(oldPassword, newPassword)
  .replace('\\"a\\":1', '\\"a\\":2');

/** Another operation, or another change of JSON by its parts. */
export type Change = Partial<LdapOperation> & Partial<Omit<Extract<LdapOperation['change'], { how: 'json' }>, 'how'>>;

/** A directory, a wire to it that can be made to fail, and a run that points Gluu at Redis. New for each test. */
export interface Stage {
  slapd: Slapd;
  wire: Wire;
  world: World;
  /** A run with another operation, other limits, or an undo that the plan rules out. */
  worldOf(change?: Change, limits?: Partial<LdapNeeds['limits']>, none?: string): World;
}

/** Sets the stage around each test of a file. */
export function setStage(): Stage {
  const stage = {
    worldOf: (change = {}, limits = {}, none) =>
      makeWorld(operation(stage, change), { login: stage.slapd.login.password, redis: newPassword }, limits, none),
  } as Stage;
  beforeAll(async () => void (stage.slapd = await startSlapd()));
  afterAll(async () => stage.slapd.remove());
  beforeEach(async () => {
    stage.wire = await startWire(stage.slapd.port);
    stage.slapd.set(attribute, before);
    stage.world = stage.worldOf();
  });
  afterEach(async () => {
    // Whatever a test did: no secret and no value of the attribute in anything that was written down or handed back.
    for (const value of [newPassword, oldPassword, stage.slapd.login.password])
      expect(stage.world.told()).not.toContain(value);
    await stage.wire.close();
  });
  return stage;
}

export function operation(
  { slapd, wire }: Stage,
  { attribute: other = attribute, set = sets, ...rest }: Change,
): LdapOperation {
  return {
    on: 'ldap',
    url: `ldaps://localhost:${wire.port}`,
    authority: slapd.authority,
    bind: { dn: slapd.login.dn, password: { template: [secret('login')] } },
    entry: slapd.entry,
    change: { how: 'json', attribute: other, set },
    ...rest,
  };
}

const sets: NonNullable<Change['set']> = [
  { pointer: '/cacheProviderType', value: 'REDIS' },
  { pointer: '/redisConfiguration/servers', value: 'localhost:16379' },
  { pointer: '/redisConfiguration/password', value: { template: [secret('redis')] } },
  { pointer: '/nested/~json/a', value: 2 },
];

/** Once, before the first request that changes something. */
export function onlyOnce(act: () => unknown): () => unknown {
  let done = false;
  return () => (done ? undefined : ((done = true), act()));
}

/** How the attempts of a world ended, and for which kinds of failure. */
export function ended({ results }: World): [string[], (string | undefined)[]] {
  return [results.map((one) => one.ending), results.map((one) => one.failure?.kind)];
}
