import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecretActivities, type SecretActivities } from '../../activities/secrets/activities.js';
import type { SecretNeeds } from '../../activities/secrets/needs.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { openRendering, type Rendering } from '../../apps/worker/wiring/rendering.js';
import { secretNeeds } from '../../apps/worker/wiring/secrets.js';
import type { Database } from '../../database/connect.js';
import { abandonNextSecret } from '../../database/next-secrets.js';
import { listSecrets, storeSecret } from '../../database/secrets.js';
import { readTasks } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import { readUndo } from '../../database/undo.js';
import type { Plan } from '../../model/plan.js';
import { phase, plan, running, step, withDatabase } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { compileStep } from '../steps/cases.js';

let postgres: TestPostgres;
let data: string;
beforeAll(async () => {
  [postgres, data] = await Promise.all([startPostgres(), mkdtemp(join(tmpdir(), 'belay-promote-'))]);
});
afterAll(async () => Promise.all([postgres.stop(), rm(data, { recursive: true })]));

/** One step that promotes a next value, which the run makes where none waits. */
function planOf(): Plan {
  const operations = [compileStep({ 'secret.promote': { value: '${{ secret.new_redis }}' } })];
  const promote = step('promote', ['node1'], { kind: 'secret.promote', repeatable: true, operations });
  const secrets = {
    redis: { stored: 'redis', version: 1 },
    new_redis: { generate: { length: 32 }, next: { stored: 'redis', after: 1 } },
    new_other: { generate: { length: 32 }, next: { stored: 'other', after: 1 } },
  };
  return { ...plan([phase('All', [['node1']], [promote])]), secrets };
}

interface Stage {
  readonly run: string;
  readonly needs: SecretNeeds;
  readonly rendering: Rendering;
  readonly of: Plan;
}

/** A run that has begun: two secrets are stored, and it has taken what it uses. */
async function begun(db: Database): Promise<Stage> {
  const key = await openWorkerKey(data);
  for (const name of ['redis', 'other'])
    await storeSecret(db, name, await key.seal(Buffer.from(`the-old-${name}`)), 'ada');
  const of = planOf();
  const run = await running(db, of);
  const plans = openPlans(db);
  const rendering = openRendering(db, plans, key);
  await rendering.secrets.prepareRunSecrets(run, of);
  return { run, needs: secretNeeds(db, plans, rendering), rendering, of };
}

async function run(needs: SecretNeeds, of: string, attempt = 1): ReturnType<SecretActivities['runSecretStep']> {
  const request = { run: of, phase: 0, wave: 0, step: 'promote', hosts: [{ host: 'node1', attempt }] };
  return new MockActivityEnvironment().run(createSecretActivities(needs).runSecretStep, request);
}

async function undo(db: Database, needs: SecretNeeds, of: string): ReturnType<SecretActivities['undoSecretStep']> {
  const number = await startUndo(db, of, 'ada');
  expect((await readUndo(db, of, number)).barriers).toMatchObject([{ step: 'promote', on: 'secrets' }]);
  return undoAgain(needs, of, number);
}

async function undoAgain(
  needs: SecretNeeds,
  of: string,
  number: number,
): ReturnType<SecretActivities['undoSecretStep']> {
  const request = { run: of, undo: number, phase: 0, wave: 0, step: 'promote', hosts: ['node1'] };
  return new MockActivityEnvironment().run(createSecretActivities(needs).undoSecretStep, request);
}

const redis = async (db: Database): Promise<unknown> => {
  const found = (await listSecrets(db)).find(({ name }) => name === 'redis');
  return { version: found?.version, next: found?.next };
};

const gone = async (): Promise<never> => Promise.reject(new Error('the worker is gone'));

describe('a run that promotes a secret', () => {
  test('has old and new side by side, makes the new one current, and goes back', async () =>
    withDatabase(postgres, async (db) => {
      const { run: of, needs, rendering, of: plans } = await begun(db);
      const opened = await rendering.secrets.openSecrets(of, plans, ['redis', 'new_redis']);
      expect(opened.get('redis')?.open()).toBe('the-old-redis');
      expect(opened.get('new_redis')?.open()).toMatch(/^[A-Za-z2-9]{32}$/);
      expect(await run(needs, of)).toMatchObject([{ ending: 'done', summary: expect.stringContaining('version 2') }]);
      expect(await readTasks(db, of)).toMatchObject([{ step: 'promote', state: 'changed' }]);
      expect(await redis(db)).toEqual({ version: 2, next: undefined });
      expect(await undo(db, needs, of)).toMatchObject([{ outcome: 'undone' }]);
      expect(await redis(db)).toEqual({ version: 1, next: 2 });
    }));

  test('takes no next value of a secret that its plan does not use', async () =>
    withDatabase(postgres, async (db) => {
      await begun(db);
      expect(await listSecrets(db)).toMatchObject([
        { name: 'other', version: 1 },
        { name: 'redis', version: 1, next: 2 },
      ]);
      expect((await listSecrets(db))[0]).not.toHaveProperty('next');
    }));

  test('leaves no value in any row, in clear', async () =>
    withDatabase(postgres, async (db) => {
      const { run: of, needs, rendering, of: plans } = await begun(db);
      const value = (await rendering.secrets.openSecrets(of, plans, ['new_redis'])).get('new_redis')?.open() as string;
      await run(needs, of);
      for (const table of ['secrets', 'run_secrets', 'secret_heads', 'audit', 'events', 'results', 'tasks'])
        expect(JSON.stringify(await db.query(`select t::text from ${table} t`))).not.toContain(value);
    }));

  test.each([
    ['announced it', (needs: SecretNeeds) => ({ announce: async (i: never) => needs.announce(i).then(gone) }), 1],
    [
      'promoted it',
      (needs: SecretNeeds) => ({ promote: async (...a: [string, never]) => needs.promote(...a).then(gone) }),
      2,
    ],
    ['promoted it, unsaid', () => ({ writeResults: gone }), 2],
  ])(
    'whose worker dies when it has %s: one value is current, and whoever takes it up goes on',
    async (_, dies, version) =>
      withDatabase(postgres, async (db) => {
        const { run: of, needs } = await begun(db);
        await expect(run({ ...needs, ...dies(needs) }, of)).rejects.toThrow('the worker is gone');
        expect(await redis(db)).toEqual({ version, next: version === 1 ? 2 : undefined });
        expect(await run(needs, of)).toMatchObject([{ ending: 'done' }]);
        expect(await redis(db)).toEqual({ version: 2, next: undefined });
        expect(await undo(db, needs, of)).toMatchObject([{ outcome: 'undone' }]);
        expect(await redis(db)).toEqual({ version: 1, next: 2 });
      }),
  );

  test('whose worker dies while it goes back has gone back once', async () =>
    withDatabase(postgres, async (db) => {
      const { run: of, needs } = await begun(db);
      await run(needs, of);
      const number = await startUndo(db, of, 'ada');
      await expect(undoAgain({ ...needs, writeUndoResults: gone }, of, number)).rejects.toThrow('the worker is gone');
      expect(await undoAgain(needs, of, number)).toMatchObject([{ outcome: 'undone' }]);
      expect(await redis(db)).toEqual({ version: 1, next: 2 });
    }));

  test('promotes nothing that was given up meanwhile', async () =>
    withDatabase(postgres, async (db) => {
      const { run: of, needs } = await begun(db);
      await abandonNextSecret(db, 'redis', 'ada');
      expect(await run(needs, of)).toMatchObject([
        { ending: 'refused', summary: expect.stringContaining('does not wait any more') },
      ]);
      expect(await redis(db)).toEqual({ version: 1, next: undefined });
    }));

  test('promotes nothing behind another value that has become current', async () =>
    withDatabase(postgres, async (db) => {
      const { run: of, needs } = await begun(db);
      await abandonNextSecret(db, 'redis', 'ada');
      await storeSecret(db, 'redis', new Uint8Array([3]), 'ada');
      expect(await run(needs, of)).toMatchObject([
        { ending: 'refused', summary: expect.stringContaining('version 3 has become current') },
      ]);
      expect(await redis(db)).toEqual({ version: 3, next: undefined });
    }));

  test('leaves what somebody stored since to a decision', async () =>
    withDatabase(postgres, async (db) => {
      const { run: of, needs } = await begun(db);
      await run(needs, of);
      await storeSecret(db, 'redis', new Uint8Array([3]), 'ada');
      expect(await undo(db, needs, of)).toMatchObject([
        { outcome: 'decide', failure: { kind: 'undo/changed-since', known: expect.stringContaining('version 3') } },
      ]);
      expect(await redis(db)).toEqual({ version: 3, next: undefined });
    }));

  test('does nothing once somebody else acts for the host', async () =>
    withDatabase(postgres, async (db) => {
      const { run: of, needs } = await begun(db);
      await expect(run({ ...needs, holds: async () => false }, of)).rejects.toThrow('host/stale-holder');
      expect(await redis(db)).toEqual({ version: 1, next: 2 });
    }));

  test('whose plan knows another current value does not get as far as a server', async () =>
    withDatabase(postgres, async (db) => {
      const key = await openWorkerKey(data);
      for (const value of ['first', 'second'])
        await storeSecret(db, 'redis', await key.seal(Buffer.from(value)), 'ada');
      const of = await running(db, planOf());
      const rendering = openRendering(db, openPlans(db), key);
      await rendering.secrets.prepareRunSecrets(of, planOf());
      await expect(rendering.secrets.openSecrets(of, planOf(), ['new_redis'])).rejects.toThrow(
        'another version of redis was current than version 1, which the plan knows',
      );
    }));
});
