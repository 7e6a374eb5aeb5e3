import { expect, test } from 'vitest';
import { createLdapLooks } from '../../activities/ldap/activities.js';
import type { Look } from '../../model/live/look.js';
import { maskOf } from '../../model/mask.js';
import { setInJson } from '../../model/transforms/json-text.js';
import { holdsSecret } from '../../model/value.js';
import { phase, plan, step } from '../database/example.js';
import { attribute, before, newPassword, oldPassword, operation, setStage, type Change } from './stage.js';
import { fill } from './world.js';

const on = setStage();

/** What a live plan says of a step that every host of `hosts` takes, one after another. */
async function looks(hosts: readonly string[], change: Change = {}): Promise<Look[]> {
  const secrets = { login: on.slapd.login.password, redis: newPassword };
  const kept: Look[] = [];
  const steps = [step('cache', hosts, { operations: [operation(on, change)] })];
  const activities = createLdapLooks({
    alive: () => ({
      cancelled: new AbortController().signal,
      unlessDetached: async (one) => one,
      end: () => undefined,
    }),
    limits: { connect: 5_000, request: 5_000, outcome: 5_000 },
    setInJson,
    readPlan: () => Promise.resolve(plan([phase('Directory', [hosts], steps)])),
    previewValues: () =>
      Promise.resolve({
        when: true,
        fill: (text) => ({ value: fill(text, secrets), secret: holdsSecret(text) }),
        secrets: Object.values(secrets),
      }),
    masked: (text, hidden) => maskOf(hidden).text(text),
    keepLooks: (_live, seen) => Promise.resolve(void kept.push(...seen)),
  });
  await activities.lookAtDirectories({ live: 'live-a', planHash: 'p' });
  return kept;
}

test('a live plan tells which values would change, hides both passwords, and changes nothing', async () => {
  const seen = await looks(['node1', 'node2']);
  const name = `${attribute} of ${on.slapd.entry} at ldaps://localhost:${on.wire.port}`;
  expect(seen).toEqual([
    {
      step: 'cache',
      host: 'node1',
      state: 'would_change',
      diff: `--- ${name}
+++ ${name}
@@ /cacheProviderType @@
-"IN_MEMORY"
+"REDIS"
@@ /redisConfiguration/servers @@
-"localhost:6379"
+"localhost:16379"
@@ /redisConfiguration/password @@
-(not shown: a secret goes here)
+(not shown: a secret goes here)
@@ /nested/~json/a @@
-1
+2
`,
    },
    { step: 'cache', host: 'node2', state: 'already_so' },
  ]);
  for (const secret of [newPassword, oldPassword]) expect(JSON.stringify(seen)).not.toContain(secret);
  expect(on.slapd.values(attribute)).toEqual([before]);
});

test('a live plan tells why a directory cannot be asked, and which entry is not there', async () => {
  expect(await looks(['node1'], { url: 'ldaps://localhost:1' })).toMatchObject([
    { state: 'unreachable', because: expect.stringMatching(/^ldap\/unreachable: /) },
  ]);
  expect(await looks(['node1'], { attribute: 'description' })).toMatchObject([
    { state: 'refused', because: expect.stringMatching(/^ldap\/no-entry: /) },
  ]);
});

test('a live plan tells which values and entries would come and go, and hides what secrets go into', async () => {
  on.slapd.set('description', 'old');
  const secret = { template: [{ expression: 'secret.redis', sees: 'secret' as const }] };
  const change = {
    how: 'values' as const,
    set: { description: ['new'] },
    add: { oxCacheConfiguration: [secret] },
    remove: {},
  };
  const [first, second] = await looks(['node1', 'node2'], { change });
  expect(first?.diff).toBe(`--- ${on.slapd.entry} at ldaps://localhost:${on.wire.port}
+++ ${on.slapd.entry} at ldaps://localhost:${on.wire.port}
@@ description @@
-"old"
+"new"
@@ oxCacheConfiguration @@
+(not shown: a secret goes here)
`);
  expect(second).toEqual({ step: 'cache', host: 'node2', state: 'already_so' });
  const gone = await looks(['node1'], { change: { how: 'absent' } });
  expect(gone[0]?.diff).toContain('@@ description @@\n-"old"\n');
  expect(
    await looks(['node1'], { change: { how: 'absent' }, entry: 'inum=nobody,ou=appliances,o=gluu' }),
  ).toMatchObject([{ state: 'already_so' }]);
  for (const hidden of [newPassword, on.slapd.login.password])
    expect(JSON.stringify([first, second, gone])).not.toContain(hidden);
  expect(on.slapd.values('description')).toEqual(['old']);
  on.slapd.set('description');
});
