import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import type { Database } from '../../database/connect.js';
import { readEvents } from '../../database/events.js';
import { readGate } from '../../database/gates.js';
import { writeIntents } from '../../database/intents.js';
import { obey, type Obeyed } from '../../database/obey.js';
import { storePlan } from '../../database/plans.js';
import { keepRendered, readRendered } from '../../database/rendered.js';
import { writeResults } from '../../database/results.js';
import { moveRun, readRun } from '../../database/runs.js';
import { readTasks } from '../../database/tasks.js';
import { commitVerb } from '../../database/verbs.js';
import type { Plan } from '../../model/plan.js';
import type { Verb, VerbArguments } from '../../model/record.js';
import type { Ending } from '../../model/states.js';
import { approve, gated, intent, openedGate, phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

/** What becomes of a word, however often it is tried. */
async function said(
  db: Database,
  run: string,
  verb: Verb,
  args: VerbArguments,
  where = { phase: 0, wave: 0 },
): Promise<Obeyed> {
  const id = randomUUID();
  await commitVerb(db, { id, run, verb, arguments: args, by: 'ada' });
  const [first] = await Promise.all([obey(db, id, where, ' (late)'), obey(db, id, where, ' (late)')]);
  const again = await obey(db, id, where, ' (late)');
  expect({ accepted: again.accepted, because: again.because }).toEqual({
    accepted: first.accepted,
    because: first.because,
  });
  return first;
}

async function failed(db: Database, run: string, ending: Ending = 'unknown'): Promise<void> {
  const [begun] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }]);
  await writeIntents(db, [intent(run, 'redis', 'cache', begun!.holder)], []);
  await writeResults(db, [result(run, 'redis', 'cache', { ending })]);
  await moveRun(db, run, 'waiting', { for: 'decision', phase: 0, wave: 0 });
}

const states = async (db: Database, run: string) =>
  Object.fromEntries((await readTasks(db, run)).map(({ step: id, host, state }) => [`${id}@${host}`, state]));

describe('a word', () => {
  test.each<[Verb, VerbArguments, string, string]>([
    ['mark-done', { step: 'redis', host: 'cache', reason: 'seen' }, '1 task marked done', 'changed'],
    ['skip', { reason: 'not needed' }, '1 task skipped', 'skipped'],
    ['retry', {}, '1 task to be tried again', 'pending'],
  ])('%s is obeyed once, however often it is tried', async (verb, args, because, state) =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await failed(db, run);
      expect(await said(db, run, verb, args)).toEqual({ accepted: true, because, decides: true });
      expect(await states(db, run)).toMatchObject({ 'redis@cache': state });
      expect(
        (await readEvents(db, run, 0, 100)).filter(({ kind }) => /^task.*(settled|reopened)/.test(kind)),
      ).toHaveLength(1);
      expect(await said(db, run, verb, args)).toMatchObject({
        accepted: false,
        because: 'no failed, unreachable or unknown task of this wave goes by that name (late)',
      });
    }),
  );

  test('exclude decides only where somebody had to decide about that host', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await failed(db, run);
      expect(await said(db, run, 'exclude', { host: 'node1', reason: 'x' })).toMatchObject({
        accepted: true,
        decides: false,
      });
      expect(await said(db, run, 'exclude', { host: 'cache', reason: 'x' })).toMatchObject({
        accepted: true,
        decides: true,
      });
      expect(await states(db, run)).toEqual({
        'redis@cache': 'skipped',
        'redis_up@cache': 'skipped',
        'stunnel@node1': 'skipped',
        'stunnel@node2': 'pending',
      });
    }));

  test('exclude leaves what was done there as it is', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await failed(db, run, 'done');
      expect(await said(db, run, 'exclude', { host: 'cache', reason: 'x' })).toMatchObject({
        accepted: true,
        because: 'cache is excluded; 1 task is skipped',
      });
      expect(await states(db, run)).toMatchObject({ 'redis@cache': 'changed', 'redis_up@cache': 'skipped' });
    }));

  test('exclude leaves a group no smaller than its runbook needs it', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db, { ...gated, groups: { nodes: ['node1', 'node2'] }, minimums: { nodes: 1 } });
      await failed(db, run);
      expect(await said(db, run, 'exclude', { host: 'node1', reason: 'x' })).toMatchObject({ accepted: true });
      expect(await said(db, run, 'exclude', { host: 'node2', reason: 'x' })).toMatchObject({
        accepted: false,
        because: 'the group nodes would have 0 hosts left, and the runbook needs at least 1',
      });
      expect(await states(db, run)).toMatchObject({ 'stunnel@node1': 'skipped', 'stunnel@node2': 'pending' });
    }));

  test('edit gives the run another plan: votes are void, an open gate closes, what was resolved is forgotten', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await failed(db, run);
      await openedGate(db, run, 1);
      await keepRendered(db, { run, step: 'stunnel', host: 'node1' }, { when: true, values: {} });
      const [first, second] = gated.phases;
      const other: Plan = {
        ...gated,
        phases: [first!, { ...second!, steps: [step('stunnel', ['node1', 'node2'], { timeout: 61 })] }],
      };
      await storePlan(db, other, 'other');
      expect(await said(db, run, 'edit', { planHash: 'other', inputs: {}, reason: 'longer' })).toEqual({
        accepted: true,
        because: 'the plan is other now, with other stunnel; to be approved again: phase 2',
        decides: false,
      });
      expect(await readRun(db, run)).toMatchObject({ planHash: 'other', state: 'waiting' });
      expect(await readGate(db, run, 1)).toMatchObject({ asked: false, open: false, votes: 0 });
      expect(await readRendered(db, { run, step: 'stunnel', host: 'node1' })).toBeUndefined();
      await approve(db, run, 1, 'ada', 'other');
      expect(await readGate(db, run, 1)).toMatchObject({ votes: 1 });
      await storePlan(db, plan([phase('Only', [['cache']], [step('redis', ['cache'])])]), 'strange');
      expect(await said(db, run, 'edit', { planHash: 'strange', inputs: {}, reason: 'x' })).toMatchObject({
        accepted: false,
      });
      expect((await readRun(db, run)).planHash).toBe('other');
    }));

  test('edit changes no step that has begun', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await failed(db, run);
      const [first, second] = gated.phases;
      const [redis, ...rest] = first!.steps;
      const steps = [{ ...redis!, timeout: 61 }, ...rest];
      await storePlan(db, { ...gated, phases: [{ ...first!, steps }, second!] }, 'other');
      expect(await said(db, run, 'edit', { planHash: 'other', inputs: {}, reason: 'longer' })).toMatchObject({
        accepted: false,
        because: 'redis has begun already and would change; undo the run back to it first',
      });
      expect((await readRun(db, run)).planHash).not.toBe('other');
    }));
});
