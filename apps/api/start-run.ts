import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { readPlan } from '../../database/plans.js';
import { startRun as writeRun } from '../../database/start-run.js';
import type { Plan } from '../../model/plan.js';
import type { RunBody } from './bodies.js';
import type { Records } from './records.js';
import { sha256 } from './sha256.js';
import type { Workflows } from './workflows.js';

const log = new Logger('start-run');

/** Base32 without padding or look-alikes; 32 letters, so that a byte's low five bits choose without bias. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * Commits a run, then starts its workflow. Where Temporal is away, the run is committed all the same and the sweep
 * starts it.
 *
 * @returns the run, and whether this request made it (an earlier one with the same key may have)
 */
export async function startRun(
  records: Records,
  workflows: Workflows,
  request: RunBody & { readonly by: string; readonly idempotencyKey: string },
): Promise<{ run: string; created: boolean }> {
  const plan = await readPlan(records.database, request.plan);
  const started = await writeRun(records.database, {
    run: runName(plan.runbook.name),
    planHash: request.plan,
    by: request.by,
    idempotencyKey: request.idempotencyKey,
    requestDigest: sha256(digested(request)),
    ...(request.livePlan !== undefined && { livePlan: request.livePlan }),
    wait: request.wait,
  });
  try {
    await workflows.startRunbook(started.run, summaryOf(plan));
  } catch (error) {
    log.warn(`${started.run} is committed; the sweep will start it: ${String(error)}`);
  }
  return started;
}

/** What makes two requests the same. A plain one is its plan, as it always was. */
function digested({ plan, wait, livePlan }: RunBody): string {
  return [plan, ...(wait ? [] : ['without waiting']), ...(livePlan === undefined ? [] : [`as ${livePlan}`])].join(' ');
}

export function runName(runbook: string): string {
  return `${runbook}-${letters(8)}`;
}

/** So many random letters and digits. */
export function letters(count: number): string {
  return Array.from(randomBytes(count), (byte) => alphabet[byte & 31] ?? '').join('');
}

/** What Temporal's web UI shows beside the workflow. */
export function summaryOf(plan: Plan): string {
  const hosts = Object.keys(plan.hosts).length;
  return `${plan.runbook.name}: ${plan.phases.length} phases on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;
}
