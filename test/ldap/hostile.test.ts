import { beforeAll, describe, expect, test } from 'vitest';
import { openDirectory } from '../../activities/ldap/directory.js';
import type { Target } from '../../activities/ldap/target.js';
import { Failed } from '../../model/failure.js';
import { until } from '../ssh/sshd.js';
import { usedMemory } from '../ssh/used-memory.js';
import {
  atChanging,
  atLogin,
  atReading,
  certify,
  tame,
  hostileDirectory,
  type Authority,
  type Conduct,
} from './hostile-directories.js';
import { makeWorld } from './world.js';

const mebibyte = 1024 * 1024;
const limits = { connect: 700, request: 700, outcome: 1500 };
/** For one that is calm at first, but may be slow on a busy machine. */
const patient = { connect: 15_000, request: 15_000, outcome: 15_000 };

/** Milliseconds in which any of them must be given up, whatever it does; for a busy machine, where others are met beside it. */
const inTime = 15_000;
const password = 'planted-Password-91';
const attribute = 'oxCacheConfiguration';

let authority: Authority;
beforeAll(async () => {
  authority = await certify();
});

function targetAt(url: string): Target {
  const login = { dn: 'cn=manager,o=gluu', password };
  return {
    url,
    host: 'localhost',
    authority: authority.pem,
    ...login,
    entry: 'o=gluu',
  };
}

/** Logs in and reads: the kind of failure in which that ends. */
async function failed(url: string): Promise<string> {
  try {
    const directory = await openDirectory(targetAt(url), limits);
    try {
      throw new Error(`it shows ${JSON.stringify(await directory.read())}`);
    } finally {
      await directory.close();
    }
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    expect(JSON.stringify([error.failure, String(error)])).not.toContain(password);
    return error.failure.kind;
  }
}

async function leftAlone(conduct: Conduct, meet: (url: string) => Promise<void>): Promise<void> {
  const server = await hostileDirectory(conduct, authority);
  try {
    const began = performance.now();
    await meet(server.url);
    expect(performance.now() - began).toBeLessThan(inTime);
    await until('its connections are closed', () => server.connections() === 0);
  } finally {
    await server.close();
  }
}

describe('a hostile directory', () => {
  let before: number;
  beforeAll(() => {
    before = usedMemory();
  });

  test('is told from a tame one, which is read', async () => {
    await leftAlone(tame('{"old":1}'), async (url) => {
      const directory = await openDirectory(targetAt(url), patient);
      expect((await directory.read()).values.get(attribute.toLowerCase())?.map(String)).toEqual(['{"old":1}']);
      await directory.close();
    });
  });

  test.concurrent.each([...Object.entries(atLogin), ...Object.entries(atReading)])(
    'that %s is given up in time',
    async (_, conduct) => {
      await leftAlone(conduct, async (url) => {
        expect(await failed(url)).toMatch(/^ldap\/(unreachable|untrusted|refused|login-refused)$/);
      });
    },
  );

  test.concurrent.each(Object.entries(atChanging('{"old":1}')))(
    'that %s leaves nobody believing',
    async (_, conduct) => {
      await leftAlone(conduct, async (url) => {
        const { dn, entry } = targetAt(url);
        const world = makeWorld(
          {
            on: 'ldap',
            url,
            authority: authority.pem,
            bind: { dn, password },
            entry,
            change: { how: 'json', attribute, set: [{ pointer: '/old', value: 2 }] },
          },
          {},
          { connect: 15_000, request: 1200, outcome: 2000 },
        );
        const [standing] = await world.run();
        expect(standing?.ending).toMatch(/^(unknown|partial)$/);
        expect(world.told()).not.toContain(password);
      });
    },
  );

  test('that says more than it was asked for is cut off, however much time there is', async () => {
    const server = await hostileDirectory(atReading['finds a value without end']!, authority);
    const directory = await openDirectory(targetAt(server.url), patient);
    await expect(directory.read()).rejects.toMatchObject({ failure: { kind: 'ldap/unreachable' } });
    expect(server.sent()).toBeLessThan(64 * mebibyte);
    await server.close();
  });

  test('leaves no memory behind', async () => {
    await until('memory is given back', () => usedMemory() - before < 24 * mebibyte);
  });
});
