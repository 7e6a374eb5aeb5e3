import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase, type Database } from '../../database/connect.js';
import { readPlan, readSources, storePlan } from '../../database/plans.js';
import type { Operation } from '../../model/operation.js';
import type { Plan, PlanSources } from '../../model/plan.js';
import { freshDatabase, gated, phase, step } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
let db: Database;
/** As another process, which remembers no plan. */
let other: Database;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const large = randomBytes(1_000_001).toString('base64');
const small = Buffer.from('a\0b').toString('base64');
const puts = (base64: string): Operation => ({ on: 'host', do: { text: 'cat >/x', stdin: { base64 } } });

const back = step('back', ['a'], { operations: [puts(large)] });
const plan: Plan = {
  ...gated,
  inputs: { tricky: { kept: 'no reference', base64: large } },
  phases: [
    phase(
      'Files',
      [['a']],
      [
        step('large', ['a'], { operations: [puts(large)] }),
        step('small', ['a'], { operations: [puts(small)], undo: { how: 'steps', steps: [back] } }),
      ],
    ),
  ],
};
const sources: PlanSources = {
  files: { 'a.yaml': 'eA==', 'big/file': large, 'odd/base64': `${large} ` },
  runbook: 'a.yaml',
  inventory: 'a.yaml',
  inputs: {},
};

describe('files of a plan', () => {
  beforeAll(async () => {
    const fresh = await freshDatabase(postgres);
    [db, other] = [fresh, await openDatabase(fresh.url)];
  });
  afterAll(async () => Promise.all([db, other].map(closeDatabase)));

  test('are kept once for all plans and sources, and come back byte for byte', async () => {
    await storePlan(db, plan, 'one', sources);
    await storePlan(db, { ...plan, inputs: {} }, 'two', sources);
    expect(await readPlan(other, 'one')).toEqual(plan);
    expect(await readPlan(other, 'two')).toEqual({ ...plan, inputs: {} });
    expect(await readSources(other, 'two')).toEqual(sources);
    expect(await db.query('select length(bytes) as length from plan_files')).toEqual([{ length: 1_000_001 }]);
  });

  test('that were stored within their plan are read from there', async () => {
    await db.query('insert into plans (hash, plan) values ($1, $2)', ['old', JSON.stringify(plan)]);
    await db.query('insert into plan_sources (plan_hash, sources) values ($1, $2)', ['old', JSON.stringify(sources)]);
    expect(await readPlan(other, 'old')).toEqual(plan);
    expect(await readSources(other, 'old')).toEqual(sources);
  });

  test('are not taken for others that lie in their place', async () => {
    await storePlan(db, plan, 'spoiled');
    await db.query(`update plan_files set bytes = 'other'`);
    await expect(readPlan(other, 'spoiled')).rejects.toThrow(/lacks a file of a plan, or has another one/);
    await db.query('delete from plan_files');
    await expect(readPlan(other, 'spoiled')).rejects.toThrow(/lacks a file of a plan/);
  });
});
