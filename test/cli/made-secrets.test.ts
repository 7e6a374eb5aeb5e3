import { X509Certificate } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAuthority } from '../../activities/certificates/authority.js';
import { readSealed } from '../../database/secrets.js';
import type { PlanAnswer } from '../../model/answers.js';
import { madeWhereMissing } from '../../model/runbook/secret.js';
import { openDesk, type Desk } from './desk.js';

describe('secrets that nobody has to invent', () => {
  let desk: Desk;
  let identity: string;
  beforeAll(async () => {
    desk = await openDesk();
    identity = await generateX25519Identity();
    writeFileSync(join(desk.api.data, 'worker-key.pub'), await identityToRecipient(identity));
  });
  afterAll(async () => desk.leave());

  async function opened(name: string, version: number): Promise<string | undefined> {
    const sealed = await readSealed(desk.api.records.database, name, version);
    if (sealed === undefined) return undefined;
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return Buffer.from(await decrypter.decrypt(sealed)).toString();
  }

  it('are made at random and never shown, each time anew', async () => {
    const typed = await desk.say('secret generate token --length 24');
    expect(typed).toMatchObject({ code: 0, err: '', out: expect.stringContaining('token: version 1 is made') });
    await desk.say('secret generate token');
    const values = [await opened('token', 1), await opened('token', 2)];
    expect(values.map((value) => value?.length)).toEqual([24, 32]);
    expect(typed.out).not.toContain(values[0]);
  });

  it('may be a certificate authority, which its key fits', async () => {
    expect(await desk.say('secret generate ca --authority Example')).toMatchObject({ code: 0, err: '' });
    const authority = readAuthority((await opened('ca', 1)) ?? '');
    expect(new X509Certificate(authority?.certificate ?? '').subject).toBe('CN=Example');
  });

  it.each([
    ['secret generate Token', 'is no name of a secret'],
    ['secret generate token --length 15', '--length must be from 16 to 256 characters'],
    [`secret generate token --authority ${'x'.repeat(65)}`, '--authority must have 1 to 64 characters'],
    ['secret generate token --authority x --length 20', "cannot be used with option '--length"],
    ['secret generate token --length long', 'It must be a whole number'],
  ])('%s: is refused', async (words, message) => {
    expect(await desk.say(words)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
  });

  it('are asked for by a plan, which makes none', async () => {
    const typed = await desk.say('plan keyed.yaml -i inventory.yaml');
    expect(typed).toMatchObject({
      code: 9,
      err: expect.stringMatching(
        /^keyed\.yaml:5:3: no secret "shared-key" is stored; belay secret generate shared-key\n/,
      ),
    });
  });

  it('are not made by a start to which nobody says yes', async () => {
    const typed = await desk.say('run start keyed.yaml -i inventory.yaml', { terminal: true, input: 'n\n' });
    expect(typed.err).toContain('Make these secrets, and store them: shared-key, cluster-ca? [y/N]');
    expect(typed.code).toBe(1);
    expect(await opened('shared-key', 1)).toBeUndefined();
  });

  it('are made by the first start that may, once for all runs', async () => {
    const first = await desk.say('run start keyed.yaml -i inventory.yaml --yes');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^shared-key: made and stored, sealed to the worker\ncluster-ca: made and stored/);
    expect(await opened('shared-key', 1)).toHaveLength(40);
    const second = await desk.say('run start keyed.yaml -i inventory.yaml --yes');
    expect(second.out).not.toContain('made and stored');
    expect(await opened('shared-key', 2)).toBeUndefined();
    const { out } = await desk.say('plan keyed.yaml -i inventory.yaml -o json');
    expect((JSON.parse(out) as PlanAnswer).plan.secrets).toEqual({
      shared: { stored: 'shared-key', version: 1 },
      cluster_ca: { stored: 'cluster-ca', version: 1, authority: true },
      own: { generate: { length: 32 } },
    });
  });
});

describe('the next value of a secret', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    writeFileSync(join(desk.api.data, 'worker-key.pub'), await identityToRecipient(await generateX25519Identity()));
    await desk.say('secret generate redis');
  });
  afterAll(async () => desk.leave());

  it('follows one that is stored', async () => {
    expect(await desk.say('secret generate other --next')).toMatchObject({
      code: 1,
      err: expect.stringContaining('other is not stored, so there is nothing that another value could follow'),
    });
  });

  it('is stored beside the current one, and the list shows that it waits', async () => {
    const typed = await desk.say('secret set redis --next', { input: 'a-new-password\n' });
    expect(typed.out).toBe('redis: version 2 is stored, sealed to the worker; it waits to become the current one\n');
    const { out } = await desk.say('secret list');
    expect(out).toMatch(/^NAME +VERSION +NEXT +STORED \(UTC\) +BY\nredis +1 +2 /);
  });

  it('is not passed over by another value', async () => {
    for (const words of ['secret generate redis', 'secret generate redis --next'])
      expect(await desk.say(words)).toMatchObject({
        code: 1,
        err: expect.stringContaining('version 2 of redis waits to become the current one, and servers may have it'),
      });
  });

  it('is given up by somebody who has been told what that means', async () => {
    const asked = await desk.say('secret abandon redis', { terminal: true, input: 'n\n' });
    expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('lets nobody in with the current one') });
    expect(await desk.say('secret abandon redis --yes')).toMatchObject({
      code: 0,
      out: 'redis: version 2 does not wait any more\n',
    });
    expect((await desk.say('secret list')).out).toMatch(/\nredis +1 +- /);
    expect(await desk.say('secret abandon redis --yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('redis has no next value'),
    });
  });
});

describe('the usual inventory', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });
  afterAll(async () => desk.leave());

  it('is the one that BELAY_INVENTORY names', async () => {
    const typed = await desk.say('host list', { environment: { BELAY_INVENTORY: 'inventory.yaml' } });
    expect(typed).toMatchObject({ code: 0, out: expect.stringContaining('greeted') });
  });

  it('is else the one in the data folder, and -i goes before it', async () => {
    const file = join(desk.data, 'inventory.yaml');
    writeFileSync(file, 'hosts: { gamma: { address: 192.0.2.3, key: { agent: true }, host_keys: [] } }\n');
    expect((await desk.say('host list')).out).toContain('gamma');
    expect((await desk.say('host list -i inventory.yaml')).out).toContain('greeted');
    rmSync(file);
  });

  it('is missed where there is none', async () => {
    expect(await desk.say('host list')).toMatchObject({ code: 2, err: expect.stringContaining("'-i, --inventory") });
  });
});

it.each([
  ['nothing', undefined, []],
  ['what is no mapping', ['a'], []],
  ['what a run makes for itself', { a: { generate: { length: 32 } } }, []],
  ['what must be stored', { a: { stored: 'x' }, b: {} }, []],
  ['what lint refuses', { a: { stored: 'x', generate: { length: 1 } } }, []],
  ['what is stored, and may be made', { a: { stored: 'x', generate: { length: 20 } } }, [['x', { length: 20 }]]],
  ['an authority', { a: { stored: 'x', certificate_authority: { name: 'Y' } } }, [['x', { authority: 'Y' }]]],
  ['an authority of the run', { a: { certificate_authority: { name: 'Y' } } }, []],
])('of the secrets of a runbook, those that may be made where they are missing: %s', (_, declared, made) => {
  expect([...madeWhereMissing(declared)]).toEqual(made);
});
