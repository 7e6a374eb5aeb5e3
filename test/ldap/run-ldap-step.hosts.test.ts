import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../activities/certificates/authority.js';
import { reader } from './slapd.js';
import { after, attribute, before, ended, oldPassword, onlyOnce, setStage, type Change } from './stage.js';

const on = setStage();

describe('changing JSON in an attribute', () => {
  test('sets the values, nested ones too, and leaves every other byte as it was', async () => {
    const [standing] = await on.world.run();
    expect(standing).toMatchObject({
      host: 'directory',
      attempt: 1,
      ending: 'done',
      summary: expect.stringContaining('/nested/~json/a'),
    });
    expect(on.slapd.values(attribute)).toEqual([after]);
    expect(on.world.results[0]).toMatchObject({
      preImage: expect.stringMatching(/^hmac-sha256:/),
      postImage: expect.stringMatching(/^hmac-sha256:/),
    });
  });

  test('writes nothing where it is already so', async () => {
    on.slapd.set(attribute, after);
    const change = on.slapd.values('entryCSN');
    await on.world.run();
    expect(ended(on.world)[0]).toEqual(['ok']);
    expect(on.world.intents).toEqual([]);
    expect(on.slapd.values('entryCSN')).toEqual(change);
  });

  test('serves several hosts that share the entry: the first changes it, the others find it so', async () => {
    await on.world.run(1, ['node1', 'node2', 'node3']);
    expect(ended(on.world)[0]).toEqual(['done', 'ok', 'ok']);
  });

  test('gives the result it had when the same attempt is asked for again', async () => {
    await on.world.run();
    const change = on.slapd.values('entryCSN');
    expect((await on.world.run())[0]).toMatchObject({ ending: 'done' });
    expect(on.world.results).toHaveLength(1);
    expect(on.slapd.values('entryCSN')).toEqual(change);
  });
});

describe('a server that is not the one meant', () => {
  test.each([
    [
      'is signed by another authority',
      async () => ({ authority: (await createAuthority('Directory of a test', new Date())).certificate }),
    ],
    ['has a certificate for another name', async () => ({ url: `ldaps://127.0.0.1:${on.wire.port}` })],
  ])('%s: refused, before any login', async (_name, change) => {
    on.world = on.worldOf(await change());
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], ['ldap/untrusted']]);
    expect(on.slapd.values(attribute)).toEqual([before]);
  });

  test('is not trusted either where the environment switches checking off', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      on.world = on.worldOf({ url: `ldaps://127.0.0.1:${on.wire.port}` });
      await on.world.run();
      expect(ended(on.world)[1]).toEqual(['ldap/untrusted']);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test('says nothing: given up in time, and nothing was done', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    on.world = on.worldOf({ url: `ldaps://localhost:${(silent.address() as AddressInfo).port}` }, { connect: 300 });
    await on.world.run();
    expect(ended(on.world)).toEqual([['unreachable'], ['ldap/unreachable']]);
    silent.close();
  });

  test('is not there', async () => {
    on.world = on.worldOf({ url: 'ldaps://localhost:1' });
    await on.world.run();
    expect(ended(on.world)).toEqual([['unreachable'], ['ldap/unreachable']]);
  });
});

describe('surely nothing was done where', () => {
  test.each<[string, Change, string]>([
    [
      'the login is wrong',
      { bind: { dn: 'cn=directory manager,o=gluu', password: 'wrong-password' } },
      'ldap/login-refused',
    ],
    ['the entry is not there', { entry: 'inum=nobody,ou=appliances,o=gluu' }, 'ldap/no-entry'],
    ['the attribute is not there', { attribute: 'description' }, 'ldap/no-entry'],
    ['a pointer leads nowhere', { set: [{ pointer: '/no/such/place', value: 1 }] }, 'step/transform-failed'],
    ['the connection would not be encrypted', { url: 'ldap://localhost:389' }, 'step/value-unusable'],
    ['the authority is none, so that the system would be asked', { authority: '' }, 'step/value-unusable'],
    ['the login is the name of a mechanism', { bind: { dn: 'EXTERNAL', password: 'cn=root' } }, 'step/value-unusable'],
    ['the password is empty', { bind: { dn: 'cn=directory manager,o=gluu', password: '' } }, 'step/value-unusable'],
  ])('%s', async (_name, change, kind) => {
    on.world = on.worldOf(change);
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], [kind]]);
    expect(on.world.intents).toEqual([]);
    expect(on.slapd.values(attribute)).toEqual([before]);
  });

  test('the attribute has two values', async () => {
    on.slapd.set(attribute, before, '{}');
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], ['ldap/no-entry']]);
  });

  test('the value is no JSON; what it says is not told', async () => {
    on.slapd.set(attribute, `password ${oldPassword}`);
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], ['step/transform-failed']]);
  });

  test('the server refuses the change', async () => {
    on.world = on.worldOf({ bind: reader });
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], ['ldap/refused']]);
    expect(on.world.results[0]?.failure?.known).toContain('result code 50');
    expect(on.slapd.values(attribute)).toEqual([before]);
  });
});

describe('somebody else', () => {
  test('changed the value in between: refused, and their value stays', async () => {
    on.world.on.send = onlyOnce(() => on.slapd.set(attribute, '{"theirs":true}'));
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], ['ldap/changed-since']]);
    expect(on.slapd.values(attribute)).toEqual(['{"theirs":true}']);
  });

  test('changed only the case of letters, which the server takes for equal: refused, and their value stays', async () => {
    const theirs = before.replace('IN_MEMORY', 'in_memory');
    on.world.on.send = onlyOnce(() => on.slapd.set(attribute, theirs));
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], ['ldap/changed-since']]);
    expect(on.slapd.values(attribute)).toEqual([theirs]);
  });

  test('changed it and changed it back: noticed, read again, and then changed by us', async () => {
    let asked = 0;
    on.world.on.send = () => {
      if (++asked > 1) return;
      on.slapd.set(attribute, '{"theirs":true}');
      on.slapd.set(attribute, before);
    };
    await on.world.run();
    expect([asked, ended(on.world)[0]]).toEqual([2, ['done']]);
    expect(on.slapd.values(attribute)).toEqual([after]);
  });

  test('keeps changing the entry around the value: given up after some tries', async () => {
    let asked = 0;
    on.world.on.send = () => on.slapd.set('description', `change ${++asked}`);
    await on.world.run();
    expect([asked, ...ended(on.world)]).toEqual([5, ['refused'], ['ldap/changed-since']]);
    expect(on.slapd.values(attribute)).toEqual([before]);
  });

  test('is another run: of two writers each change is kept, or one is refused and tries again', async () => {
    const other = on.worldOf({ set: [{ pointer: '/cacheProviderType', value: 'MEMCACHED' }] });
    on.world = on.worldOf({ set: [{ pointer: '/redisConfiguration/servers', value: 'elsewhere:1' }] });
    await Promise.all(
      [on.world, other].map(async (one) => {
        for (let attempt = 1; attempt < 6; attempt++) if ((await one.run(attempt))[0]?.ending !== 'refused') return;
      }),
    );
    expect([on.world.results.at(-1)?.ending, other.results.at(-1)?.ending]).toEqual(['done', 'done']);
    expect(on.slapd.values(attribute)).toEqual([
      before.replace('IN_MEMORY', 'MEMCACHED').replace('localhost:6379', 'elsewhere:1'),
    ]);
  });

  test.each([
    ['another value', '{"theirs":true}'],
    ['the old value', before],
  ])('set %s just after us: said to be accepted but not there', async (_name, theirs) => {
    on.world.on.send = () => (on.wire.onConnection = onlyOnce(() => on.slapd.set(attribute, theirs)));
    await on.world.run();
    expect(ended(on.world)).toEqual([['partial'], ['step/verify-failed']]);
    expect(on.slapd.values(attribute)).toEqual([theirs]);
  });

  test('has taken the host: nothing is sent, nothing is recorded', async () => {
    on.world.on.intent = () => on.world.takeHost();
    await expect(on.world.run()).rejects.toMatchObject({ failure: { kind: 'host/stale-holder' } });
    expect(on.world.results).toEqual([]);
    expect(on.slapd.values(attribute)).toEqual([before]);
  });
});

describe('an answer that never comes', () => {
  test('the change was made: found so by reading, not made twice', async () => {
    on.world.on.send = onlyOnce(() => on.wire.fail('cut-answers'));
    await on.world.run();
    expect([on.wire.struck > 0, ended(on.world)[0]]).toEqual([true, ['done']]);
    expect(on.slapd.values(attribute)).toEqual([after]);
  });

  test('the request was lost: sent again', async () => {
    let asked = 0;
    on.world.on.send = () => (++asked === 1 ? on.wire.fail('cut-requests') : undefined);
    await on.world.run();
    expect([on.wire.struck, asked, ended(on.world)[0]]).toEqual([1, 2, ['done']]);
    expect(on.slapd.values(attribute)).toEqual([after]);
  });

  test('the connection was gone before the request: asked anew, logged in again', async () => {
    on.world.on.send = onlyOnce(async () => on.slapd.kill().then(async () => on.slapd.start()));
    await on.world.run();
    expect([ended(on.world)[0], on.slapd.values(attribute)]).toEqual([['done'], [after]]);
  });

  test('the server falls silent: given up in time, asked anew on another connection', async () => {
    on.world = on.worldOf({}, { request: 400 });
    on.world.on.send = onlyOnce(() => on.wire.fail('silent'));
    await on.world.run();
    expect([on.wire.struck > 0, ended(on.world)[0]]).toEqual([true, ['done']]);
  });

  test('somebody changed the value meanwhile: nobody can say', async () => {
    on.world.on.send = onlyOnce(() => {
      on.wire.fail('cut-requests');
      on.slapd.set(attribute, '{"theirs":true}');
    });
    await on.world.run();
    expect([on.wire.struck, ...ended(on.world)]).toEqual([1, ['unknown'], ['ldap/changed-since']]);
    expect(on.slapd.values(attribute)).toEqual(['{"theirs":true}']);
  });

  test('the server is killed in the midst of it and comes back: asked until it answers', async () => {
    let back: Promise<void> | undefined;
    on.world.on.send = onlyOnce(() => on.wire.fail('silent'));
    on.wire.onStrike = () => (back ??= on.slapd.kill().then(async () => on.slapd.start()));
    await on.world.run();
    await back;
    expect([on.wire.struck > 0, ended(on.world)[0]]).toEqual([true, ['done']]);
    expect(on.slapd.values(attribute)).toEqual([after]);
  });

  test('the server stays away: unknown, after as long as was asked for', async () => {
    on.world = on.worldOf({}, { outcome: 600 });
    on.world.on.send = onlyOnce(async () => on.slapd.kill());
    try {
      await on.world.run();
      expect(ended(on.world)).toEqual([['unknown'], ['ldap/unreachable']]);
    } finally {
      await on.slapd.start();
    }
  });

  test('arrives late, after everything was undone: it changes nothing', async () => {
    on.world = on.worldOf({}, { request: 400 });
    on.world.on.send = onlyOnce(() => on.wire.fail('hold'));
    await on.world.run();
    expect([on.wire.struck > 0, ended(on.world)[0]]).toEqual([true, ['done']]);
    await on.world.undo();
    const change = on.slapd.values('entryCSN');
    on.wire.release();
    // The held request goes to its own connection; a later one that is answered shows that the server had its turn.
    expect(
      (await on.worldOf({ set: [{ pointer: '/big', value: 1 }], entry: 'inum=nobody,ou=appliances,o=gluu' }).run())[0]
        ?.ending,
    ).toBe('refused');
    expect([on.slapd.values(attribute), on.slapd.values('entryCSN')]).toEqual([[before], change]);
  });
});

describe('a worker that dies', () => {
  const dies = new Error('the worker is gone');
  test('after the intent, before the request: the next one sends it', async () => {
    on.world.on.intent = onlyOnce(() => {
      throw dies;
    });
    await expect(on.world.run()).rejects.toBe(dies);
    expect(on.slapd.values(attribute)).toEqual([before]);
    await on.world.run();
    expect(ended(on.world)[0]).toEqual(['done']);
    expect(on.slapd.values(attribute)).toEqual([after]);
  });

  test('after the request, before the result: the next one finds it done and does not do it again', async () => {
    on.world.on.result = onlyOnce(() => {
      throw dies;
    });
    await expect(on.world.run()).rejects.toBe(dies);
    const change = on.slapd.values('entryCSN');
    await on.world.run();
    expect(ended(on.world)[0]).toEqual(['done']);
    expect(on.world.results[0]?.summary).toContain('taken up again');
    expect(on.slapd.values('entryCSN')).toEqual(change);
  });

  test('and somebody changes the value before the next one comes: unknown, and again unknown when it is retried', async () => {
    on.world.on.intent = onlyOnce(() => {
      throw dies;
    });
    await expect(on.world.run()).rejects.toBe(dies);
    on.slapd.set(attribute, '{"theirs":true}');
    await on.world.run();
    await on.world.run(2);
    expect(ended(on.world)[0]).toEqual(['unknown', 'unknown']);
    expect(on.slapd.values(attribute)).toEqual(['{"theirs":true}']);
  });
});

describe('a cancel', () => {
  test('before the request: nothing is done', async () => {
    on.world.on.intent = () => on.world.cancel.abort();
    await on.world.run();
    expect(ended(on.world)).toEqual([['refused'], ['step/cancelled']]);
    expect(on.slapd.values(attribute)).toEqual([before]);
  });
});
