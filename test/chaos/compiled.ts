import { createHash, randomUUID } from 'node:crypto';
import { runName, summaryOf } from '../../apps/api/start-run.js';
import { Workflows } from '../../apps/api/workflows.js';
import { closeDatabase, openDatabase, type Database } from '../../database/connect.js';
import { storePlan } from '../../database/plans.js';
import { keepRunSecret, readRunSecret } from '../../database/secrets.js';
import { startRun } from '../../database/start-run.js';
import { planHash } from '../../model/compile/hash.js';
import type { Plan } from '../../model/plan.js';
import type { Belay } from '../end-to-end/belay.js';

/** Starts runs as the API does, but of plans that are handed over compiled: such as nobody would write. */
export interface Compiled {
  readonly database: Database;
  /** With `secretsOf` the run has the secrets that this earlier run made. */
  start(plan: Plan, secretsOf?: string): Promise<string>;
  close(): Promise<void>;
}

export async function openCompiled(belay: Belay): Promise<Compiled> {
  const database = await openDatabase(belay.stack.databaseUrl);
  const workflows = Workflows.at(belay.stack.temporalAddress, 'default', 10_000);
  return {
    database,
    start: async (plan, secretsOf) => start({ database, workflows }, plan, secretsOf),
    close: async () => {
      await workflows.close();
      await closeDatabase(database);
    },
  };
}

async function start(
  { database, workflows }: { database: Database; workflows: Workflows },
  plan: Plan,
  secretsOf?: string,
): Promise<string> {
  const hash = planHash(plan, sha256);
  await storePlan(database, plan, hash);
  const run = runName(plan.runbook.name);
  await startRun(database, { run, planHash: hash, by: 'tester', idempotencyKey: randomUUID(), requestDigest: hash });
  if (secretsOf !== undefined) await passOn(database, plan, secretsOf, run);
  await workflows.startRunbook(run, summaryOf(plan));
  return run;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function passOn(database: Database, plan: Plan, from: string, to: string): Promise<void> {
  for (const name of Object.keys(plan.secrets)) {
    const sealed = await readRunSecret(database, from, name);
    if (sealed) await keepRunSecret(database, to, name, sealed);
  }
}
