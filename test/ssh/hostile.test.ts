import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Destination, PartEnd } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { Failed, failureKinds } from '../../model/failure.js';
import { afterGreeting, beforeGreeting, hostileHost, pinnedKey, tame, userKey } from './hostile-hosts.js';
import { beforeLogin, hostileServer } from './hostile-servers.js';
import { request } from './request.js';
import { until } from './sshd.js';
import { usedMemory } from './used-memory.js';

const mebibyte = 1024 * 1024;
const limits = { readyTimeout: 600, answer: 600, keepalive: 200, idle: 60_000 };
/** For who is not hostile, but may be slow on a busy machine. */
const patient = { readyTimeout: 30_000, answer: 30_000, keepalive: 10_000, idle: 60_000 };

/**
 * Milliseconds in which any of them must be given up, whatever it does: some of the limits one after the other, and up to
 * 5 s between the tries of a connection that is dropped at once; the rest is for a busy machine, on which others are met beside it.
 */
const inTime = 15_000;

const destination = (port: number): Destination => ({
  host: 'h',
  address: '127.0.0.1',
  port,
  user: 'root',
  hostKeys: [pinnedKey],
  key: { privateKey: userKey },
});

/** Opens a session and asks something of it: how that ends, of which kind its failure is, and that it leaves nothing open. */
async function meet(port: number, within: typeof limits = limits, seconds = 1): Promise<PartEnd> {
  const sessions = createSessions(within);
  try {
    const session = await sessions.open(destination(port), 1);
    return await session.run(
      request('true', { holder: 1, seconds, stdin: Buffer.alloc(3 * mebibyte) }),
      async () => undefined,
    );
  } finally {
    await sessions.close();
  }
}

/** The kind of failure in which meeting it ends, in time. */
async function failed(port: number): Promise<string> {
  const began = performance.now();
  try {
    const end = await meet(port);
    if (end.how === 'lost' || end.how === 'refused') return end.failure.kind;
    throw new Error(`it ended ${end.how}`);
  } catch (error) {
    if (error instanceof Failed) return error.failure.kind;
    throw error;
  } finally {
    expect(performance.now() - began).toBeLessThan(inTime);
  }
}

describe('a hostile SSH server', () => {
  let before: number;
  let most = 0;
  let watch: NodeJS.Timeout;
  beforeAll(() => {
    before = usedMemory();
    watch = setInterval(() => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, heapUsed + arrayBuffers);
    }, 20);
  });
  afterAll(() => clearInterval(watch));

  test('is told from a tame one, whose script ends', async () => {
    const host = await hostileHost(tame);
    expect(await meet(host.port, patient, 30)).toMatchObject({ how: 'exited', code: 7 });
    await host.close();
  });

  test.concurrent.each(Object.entries(beforeLogin))('that %s is given up in time', async (_, script) => {
    const server = await hostileServer(script);
    expect(await failed(server.port)).toMatch(/^host\/(unreachable|key-changed)$/);
    await until('its connection is closed', () => server.connections() === 0);
    await server.close();
  });

  test.concurrent.each(Object.entries(beforeGreeting))(
    'that logs in and %s is given up in time',
    async (_, conduct) => {
      const host = await hostileHost(conduct);
      const kind = await failed(host.port);
      expect(failureKinds).toContain(kind);
      expect(kind).toMatch(/^host\//);
      await until('its connection is closed', () => host.connections() === 0);
      await host.close();
    },
  );

  test.concurrent.each(Object.entries(afterGreeting))('that greets and %s is given up in time', async (_, conduct) => {
    const host = await hostileHost(conduct);
    expect(await failed(host.port)).toMatch(/^(host\/unreachable|step\/outcome-unknown)$/);
    await until('its connection is closed', () => host.connections() === 0);
    await host.close();
  });

  test('leaves no memory behind, and never takes much', async () => {
    await until('memory is given back', () => usedMemory() - before < 24 * mebibyte);
    expect(most - before).toBeLessThan(400 * mebibyte);
  });
});
