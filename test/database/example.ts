import { randomUUID } from 'node:crypto';
import { startUndo } from '../../database/begin-undo.js';
import { closeDatabase, migrate, openDatabase, type Database } from '../../database/connect.js';
import { askApproval, openGate } from '../../database/gates.js';
import { storePlan } from '../../database/plans.js';
import { moveRun } from '../../database/runs.js';
import { startRun } from '../../database/start-run.js';
import { finishUndo } from '../../database/undo.js';
import { commitVerb } from '../../database/verbs.js';
import type { Plan, PlannedPhase, PlannedStep } from '../../model/plan.js';
import type { Intent, Result } from '../../model/record.js';
import type { TestPostgres } from './postgres.js';

/** One migrated database a server, to copy: copying is quicker than migrating. */
const templates = new WeakMap<TestPostgres, Promise<string>>();

async function migrated(postgres: TestPostgres): Promise<string> {
  const url = await postgres.freshDatabase();
  const db = await openDatabase(url);
  await migrate(db);
  await closeDatabase(db);
  return url;
}

/** An open, migrated, empty database. */
export async function freshDatabase(postgres: TestPostgres): Promise<Database & { url: string }> {
  const template = templates.get(postgres) ?? migrated(postgres);
  templates.set(postgres, template);
  const url = await postgres.freshDatabase(await template);
  return Object.assign(await openDatabase(url), { url });
}

/** As {@link freshDatabase}, for one piece of work. */
export async function withDatabase<T>(
  postgres: TestPostgres,
  work: (db: Database & { url: string }) => Promise<T>,
): Promise<T> {
  const db = await freshDatabase(postgres);
  try {
    return await work(db);
  } finally {
    await closeDatabase(db);
  }
}

export function step(id: string, hosts: readonly string[], more: Partial<PlannedStep> = {}): PlannedStep {
  return {
    id,
    name: `Step ${id} is so`,
    kind: 'shell',
    retry: { attempts: 1, interval: 0, backoff: 1, cap: 0 },
    timeout: 60,
    repeatable: false,
    readOnly: false,
    register: {},
    assert: [],
    undo: { how: 'restore' },
    owes: [],
    operations: [{ on: 'host', do: { text: 'true' } }],
    tasks: Object.fromEntries(hosts.map((host) => [host, 0])),
    ...more,
  };
}

export function phase(
  name: string,
  waves: readonly (readonly string[])[],
  steps: readonly PlannedStep[],
  more: Partial<PlannedPhase> = {},
): PlannedPhase {
  return { name, hosts: 'all', waves, maxFailures: 0, onFailure: 'pause', steps, ...more };
}

export function plan(phases: readonly PlannedPhase[], machines: Readonly<Record<string, string>> = {}): Plan {
  const hosts = [...new Set(phases.flatMap(({ waves }) => waves.flat()))];
  return {
    format: 1,
    compiler: 'test',
    runbook: { name: 'example', about: 'An example', revision: 'r'.repeat(64) },
    inputs: {},
    hosts: Object.fromEntries(
      hosts.map((host) => [
        host,
        {
          address: host,
          port: 22,
          user: 'root',
          hostKeys: [],
          key: { agent: true as const },
          machine: machines[host] ?? `${host}:22`,
          values: {},
        },
      ]),
    ),
    groups: {},
    secrets: {},
    phases,
    unknowns: [],
  };
}

/** Two phases; the second one, in two waves, stands behind an approval by two persons. */
export const gated = plan([
  phase('Cache', [['cache']], [step('redis', ['cache'], { owes: ['redis'] }), step('redis_up', ['cache'])]),
  phase('Nodes', [['node1'], ['node2']], [step('stunnel', ['node1', 'node2'])], {
    approval: { ask: 'Go on?', groups: ['operators'], votes: 2, onTimeout: 'stop' },
  }),
]);

/** Writes a plan and a run of it that is allowed to act. */
export async function running(
  db: Database,
  of: Plan = gated,
  run = `example-${randomUUID().slice(0, 8)}`,
): Promise<string> {
  await planned(db, of, run);
  await moveRun(db, run, 'running');
  return run;
}

export async function planned(db: Database, of: Plan, run: string): Promise<void> {
  const hash = `hash of ${run}`;
  await storePlan(db, of, hash);
  await startRun(db, { run, planHash: hash, by: 'ada', idempotencyKey: run, requestDigest: 'd' });
}

export async function approve(
  db: Database,
  run: string,
  phaseIndex: number,
  by: string,
  planHash = `hash of ${run}`,
): Promise<void> {
  await commitVerb(db, { id: randomUUID(), run, verb: 'approve', arguments: { phase: phaseIndex, planHash }, by });
}

export async function openedGate(db: Database, run: string, phaseIndex: number): Promise<void> {
  await askApproval(db, run, phaseIndex);
  for (const by of ['ada', 'grace']) await approve(db, run, phaseIndex, by);
  await openGate(db, run, phaseIndex);
}

export function intent(run: string, stepId: string, host: string, holder: number, more: Partial<Intent> = {}): Intent {
  return { run, step: stepId, host, attempt: 1, holder, nonce: 'n1', bootId: 'b1', part: 'do', undo: 0, ...more };
}

export function result(run: string, stepId: string, host: string, more: Partial<Result> = {}): Result {
  return {
    run,
    step: stepId,
    host,
    attempt: 1,
    ending: 'done',
    milliseconds: 12,
    summary: '',
    registered: {},
    ...more,
  };
}

/** Has a run go back, to this end. @returns its id */
export async function wentBack(db: Database, run: string, end: 'undone' | 'undo_incomplete'): Promise<string> {
  await finishUndo(db, run, await startUndo(db, run, 'ada'), end, true);
  return run;
}
