import { describe, expect, test } from 'vitest';
import { createHttpActivities, type HttpActivities } from '../../activities/http/activities.js';
import type { HttpLimits, HttpNeeds } from '../../activities/http/needs.js';
import { isOwnMachine } from '../../activities/http/own-machine.js';
import type { HttpOperation } from '../../model/operation.js';
import { recordsOf, type Records } from '../steps/away-world.js';
import { compileStep, readCases } from '../steps/cases.js';
import { serveThings } from './server.js';

/** One exchange with a real server, told as data. In texts, `SERVER` is its address. */
interface Exchange {
  readonly it: string;
  readonly there?: Readonly<Record<string, string>>;
  readonly step: object;
  readonly repeatable?: true;
  /** The worker died after it had announced this attempt. */
  readonly announced?: true;
  readonly attempt?: number;
  readonly seconds?: number;
  readonly ends: string;
  readonly because?: string;
  readonly says?: string;
  readonly leaves?: Readonly<Record<string, string>>;
  readonly requests?: readonly string[];
  readonly undo?: string;
  readonly back?: Readonly<Record<string, string>>;
}

const secrets = { token: 'a-Secret/Token+7' };
const server = serveThings();

interface World extends Records<HttpOperation> {
  readonly activities: HttpActivities;
}

function worldOf(one: Pick<Exchange, 'step' | 'repeatable' | 'seconds'>, limits: Partial<HttpLimits> = {}): World {
  const text = JSON.stringify(one.step)
    .replaceAll('SERVER', `https://localhost:${server.port}`)
    .replaceAll('PORT', String(server.port))
    .replaceAll('PLAIN', `http://localhost:${server.plainPort}`);
  const step = { authority: server.authority, ...(JSON.parse(text) as object) };
  const operation = compileStep({ http: step });
  if (operation.on !== 'http') throw new Error('of another place');
  const records = recordsOf(operation, secrets, { repeatable: one.repeatable ?? false, seconds: one.seconds ?? 20 });
  const activities = createHttpActivities({
    ...records.needs,
    announce: async (intent) => records.announce(intent),
    allowed: () => true,
    limits: { connect: 20_000, grace: 200, outcome: 20_000, body: 1_000_000, ...limits },
  });
  return { ...records, activities };
}

async function run({ activities }: Pick<World, 'activities'>, attempt = 1): Promise<void> {
  await activities.runHttpStep({ run: 'r1', phase: 0, wave: 0, step: 'thing', hosts: [{ host: 'web', attempt }] });
}

for (const { cases } of readCases<Exchange>('exchanges').filter(({ kind }) => kind === 'http'))
  describe('http', () => {
    for (const one of cases) test(one.it, async () => exchange(one));
  });

async function exchange(one: Exchange): Promise<void> {
  for (const [path, text] of Object.entries(one.there ?? {})) server.things.set(path, text);
  const world = worldOf(one);
  if (one.announced) world.announce(intentOf(1));
  await run(world, one.attempt);
  const result = world.results.at(-1);
  expect(result?.ending, JSON.stringify(result)).toBe(one.ends);
  expect(result?.failure?.kind).toBe(one.because);
  if (one.says !== undefined) expect(JSON.stringify(result)).toContain(one.says);
  expect(Object.fromEntries(server.things)).toEqual(one.leaves ?? one.there ?? {});
  const plain = `http://localhost:${server.plainPort}`;
  if (one.requests) expect(server.requests).toEqual(one.requests.map((line) => line.replace('PLAIN', plain)));
  if (one.undo !== undefined) {
    await world.activities.undoHttpStep({ run: 'r1', undo: 1, phase: 0, wave: 0, step: 'thing', hosts: ['web'] });
    expect(world.undone[0]?.outcome, JSON.stringify(world.undone)).toBe(one.undo);
    expect(Object.fromEntries(server.things)).toEqual(one.back ?? one.there ?? {});
  }
  expect(JSON.stringify([world.results, world.undone, world.intents])).not.toContain(secrets.token);
}

const intentOf = (attempt: number): Records<HttpOperation>['intents'][number] => ({
  run: 'r1',
  step: 'thing',
  host: 'web',
  attempt,
  holder: 1,
  nonce: '',
  bootId: '',
  part: 'do',
  undo: 0,
});

describe('a request', () => {
  const put = { method: 'PUT', url: 'SERVER/things/a', body: 'x', undo: { method: 'DELETE', url: 'SERVER/things/a' } };

  test('is not sent where somebody else has taken the host', async () => {
    const world = worldOf({ step: put });
    const activities = createHttpActivities({
      ...world.needs,
      announce: async () => world.takeHost(),
      allowed: () => true,
      limits: { connect: 5000, grace: 200, outcome: 600, body: 1000 },
    });
    const running = activities.runHttpStep({
      run: 'r1',
      phase: 0,
      wave: 0,
      step: 'thing',
      hosts: [{ host: 'web', attempt: 1 }],
    });
    await expect(running).rejects.toMatchObject({ failure: { kind: 'host/stale-holder' } });
    expect(server.requests).toEqual([]);
  });

  test('that was sent as another worker took its place is not sent again', async () => {
    const world = worldOf({ step: put });
    const worker = (more: Partial<HttpNeeds>): HttpActivities =>
      createHttpActivities({
        ...world.needs,
        announce: async (intent) => world.announce(intent),
        allowed: () => true,
        limits: { connect: 5000, grace: 200, outcome: 600, body: 1000 },
        ...more,
      });
    const first = worker({ writeResults: async () => Promise.reject(new Error('the worker is gone')) });
    const second = worker({
      beginAttempts: async (...due) => {
        await expect(run({ activities: first })).rejects.toThrow('the worker is gone');
        return world.needs.beginAttempts(...due);
      },
    });
    await run({ activities: second });
    expect(server.requests).toEqual(['PUT /things/a']);
    expect(world.results).toMatchObject([{ ending: 'unknown', failure: { kind: 'step/outcome-unknown' } }]);
  });

  test('has a result that tells its holder, forward and back', async () => {
    const world = worldOf({ step: put });
    await run(world);
    await world.activities.undoHttpStep({ run: 'r1', undo: 1, phase: 0, wave: 0, step: 'thing', hosts: ['web'] });
    expect(world.results).toMatchObject([{ ending: 'done', holder: 2 }]);
    expect(world.undone).toMatchObject([{ outcome: 'undone', holder: 3 }]);
  });

  test('is not sent where the run was cancelled before', async () => {
    const world = worldOf({ step: put });
    world.cancel.abort();
    await run(world);
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'step/cancelled' } });
    expect([world.intents, server.requests]).toEqual([[], []]);
  });

  test('that is not sent leaves unknown what was unknown before', async () => {
    const world = worldOf({ step: { ...put, url: 'https://localhost:1/things/a' } });
    world.announce(intentOf(1));
    await run(world, 2);
    expect(world.results[0]).toMatchObject({ attempt: 2, ending: 'unknown', failure: { kind: 'http/unreachable' } });
    expect(world.results[0]?.failure?.known).toContain('what an earlier try of it did is still not known');
    world.cancel.abort();
    await run(world, 3);
    expect(world.results[1]).toMatchObject({ attempt: 3, ending: 'unknown', failure: { kind: 'step/cancelled' } });
  });

  test('that hangs is given up some time after a cancel, and its outcome is unknown', async () => {
    const world = worldOf({ step: { ...put, url: 'SERVER/things/a?silent=1' } });
    const running = run(world);
    await expect.poll(() => server.requests.length).toBe(1);
    world.cancel.abort();
    await running;
    expect(world.results[0]).toMatchObject({ ending: 'unknown', failure: { kind: 'step/outcome-unknown' } });
  });

  test('gives the result it had when the same attempt is asked for again', async () => {
    const world = worldOf({ step: put });
    await run(world);
    await run(world);
    expect([world.results.length, server.requests]).toEqual([1, ['PUT /things/a']]);
  });

  test('carries its secrets to the server, and to no other origin', async () => {
    const headers = { Authorization: 'Bearer ${{ secret.token }}' };
    await run(
      worldOf({
        step: { url: `SERVER/things/a?to=${encodeURIComponent(`http://localhost:${server.plainPort}/x`)}`, headers },
      }),
    );
    expect(server.requests).toHaveLength(1);
    expect(server.headers[0]?.authorization).toBe(`Bearer ${secrets.token}`);
  });

  test('reaches neither the machine of the worker nor its link, unless that is allowed', async () => {
    const world = worldOf({ step: put });
    const activities = createHttpActivities({
      ...world.needs,
      announce: async (intent) => world.announce(intent),
      allowed: (address) => !isOwnMachine(address),
      limits: { connect: 5000, grace: 200, outcome: 600, body: 1000 },
    });
    await activities.runHttpStep({ run: 'r1', phase: 0, wave: 0, step: 'thing', hosts: [{ host: 'web', attempt: 1 }] });
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'step/value-unusable' } });
    expect(server.requests).toEqual([]);
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['0.0.0.0', true],
  ['169.254.169.254', true],
  ['::1', true],
  ['::', true],
  ['fe80::1%eth0', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:7f00:1', true],
  ['10.0.0.1', false],
  ['192.168.1.1', false],
  ['2001:db8::1', false],
])('%s is of the own machine: %s', (address, is) => {
  expect(isOwnMachine(address)).toBe(is);
});
