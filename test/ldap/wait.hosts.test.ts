// cspell:words nchangetype modrdn nnewrdn ndeleteoldrdn
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LdapOperation, LdapServer } from '../../model/operation.js';
import { compileStep } from '../steps/cases.js';
import { startWire, type Wire } from './proxy.js';
import { reader, startSlapd, type Slapd } from './slapd.js';
import { onlyOnce } from './stage.js';
import { makeWorld, type World } from './world.js';

const people = 'ou=people,o=gluu';
let [provider, copy, stranger]: Slapd[] = [];
let wire: Wire;
let world: World;

beforeAll(async () => {
  provider = await startSlapd();
  copy = await startSlapd(provider);
  stranger = await startSlapd();
});
afterAll(async () => Promise.all([provider, copy, stranger].map(async (one) => one?.remove())));
beforeEach(async () => {
  wire = await startWire(provider!.port);
  world = worldOf(copy!);
});
afterEach(async () => {
  expect(world.told()).not.toContain(provider!.login.password);
  expect(markers()).toEqual([]);
  await wire.close();
});

function worldOf(peer: Slapd, change: Partial<LdapServer> = {}, seconds = 30): World {
  const bind = { dn: provider!.login.dn, password: '${{ secret.login }}' };
  const here = { url: `ldaps://localhost:${wire.port}`, authority: provider!.authority, bind, entry: people };
  const there = {
    url: peer.url,
    authority: peer.authority,
    bind: { ...bind, password: peer.login.password },
    ...change,
  };
  const operation = compileStep({ 'ldap.wait': { ...here, peer: there } }) as LdapOperation;
  const secrets = { login: provider!.login.password };
  return makeWorld(operation, secrets, { outcome: 1500, connect: 1500 }, undefined, seconds);
}

function markers(): string[] {
  return provider!.below(people).filter((dn) => dn.startsWith('cn=belay-'));
}

describe('waiting for replication', () => {
  test('sees the marker on the peer, and leaves neither server with it', async () => {
    await world.run();
    expect(world.results[0]).toMatchObject({
      ending: 'ok',
      summary: expect.stringMatching(/^seen on .* gone again from both$/),
    });
    expect(copy!.below(people)).toEqual(provider!.below(people));
    await world.undo();
    expect(world.undone[0]).toMatchObject({ outcome: 'undone', summary: 'it had changed nothing' });
  });

  test('is refused, with its marker removed, where the peer never shows it', async () => {
    world = worldOf(stranger!, {}, 1);
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'ldap/not-seen' } });
  });

  test('is refused, with its marker removed, where the peer is away or takes no login', async () => {
    world = worldOf(stranger!, { url: 'ldaps://localhost:1' }, 1);
    await world.run();
    expect(world.results[0]?.failure?.known).toContain('no answer (ECONNREFUSED)');
    world = worldOf(stranger!, { bind: { dn: reader.dn, password: 'wrong' } }, 1);
    await world.run();
    expect(world.results[0]?.failure?.known).toContain('the login as cn=reader,o=gluu was refused');
  });

  test('removes its marker where it is cancelled', async () => {
    world = worldOf(stranger!, {}, 60);
    world.on.send = onlyOnce(() => setTimeout(() => world.cancel.abort(), 300));
    await world.run();
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'step/cancelled' } });
  });

  test('finds its marker written where the answer is lost', async () => {
    world.on.send = onlyOnce(() => wire.fail('cut-answers'));
    await world.run();
    expect([wire.struck > 0, world.results[0]?.ending]).toEqual([true, 'ok']);
  });

  test('goes on with the marker that a worker left that is gone', async () => {
    world.on.result = onlyOnce(() => {
      throw new Error('the worker is gone');
    });
    await expect(world.run()).rejects.toThrow('gone');
    await world.run();
    expect(world.results[0]?.ending).toBe('ok');
  });

  test('tells of a marker that it could not remove, and undo removes it', async () => {
    let sent = 0;
    world.on.send = async () => (++sent === 2 ? provider!.kill() : undefined);
    try {
      await world.run();
    } finally {
      await provider!.start();
    }
    expect(world.results[0]).toMatchObject({
      ending: 'partial',
      failure: { known: expect.stringContaining('could not be removed') },
    });
    expect(markers()).toHaveLength(1);
    await world.undo();
    expect(world.undone[0]).toMatchObject({ outcome: 'undone', summary: 'the entry is gone again' });
  });

  test('writes nothing where the entry above is not there', async () => {
    world = worldOf(copy!);
    provider!.modify(`dn: ${people}\nchangetype: modrdn\nnewrdn: ou=folk\ndeleteoldrdn: 1`);
    try {
      await world.run();
      expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'ldap/refused' } });
    } finally {
      provider!.modify(`dn: ou=folk,o=gluu\nchangetype: modrdn\nnewrdn: ou=people\ndeleteoldrdn: 1`);
    }
  });
});
