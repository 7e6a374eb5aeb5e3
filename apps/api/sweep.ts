import { Logger } from '@nestjs/common';
import { roomTurns } from '../../database/budget.js';
import { closedRunsWithLeases, openRuns, runsToStart, type OpenRun } from '../../database/open-runs.js';
import { reviewLine } from '../../database/lease-turns.js';
import { readPlan } from '../../database/plans.js';
import { deleteOverdue } from '../../database/retention.js';
import { readRun } from '../../database/runs.js';
import { unsettledVerbs } from '../../database/verbs.js';
import { runWorkflowId, speaker, undoWorkflowId } from '../../workflows/messages.js';
import { closeLostRun } from './close-lost-run.js';
import { deliverVerb } from './deliver-verb.js';
import type { Records } from './records.js';
import { summaryOf } from './start-run.js';
import type { Workflows } from './workflows.js';

/** Milliseconds for which a row must have stood before a crash is presumed behind it. */
const settled = { start: 2_000, verb: { untold: 2_000, told: 10_000 }, verdict: 10_000 };

/** Turns in which one sweep deletes what was collected; the next one goes on. */
const deletions = 50;

const log = new Logger('sweep');

/**
 * Finishes what a crash left half done: starts runs that were committed but never started, delivers verbs that were
 * committed but never delivered, or to a workflow that has ended without settling them, copies Temporal's verdict on runs whose workflow is no longer open, wakes the runs whose
 * turn for leases or for a wave has come, and deletes what was collected and has been kept for its time. Every part may be done twice, by several processes at once.
 */
export async function sweep(records: Records, workflows: Workflows): Promise<void> {
  const { database } = records;
  const toStart = await runsToStart(database, settled.start);
  const resting = (await openRuns(database)).filter((run) =>
    run.state === 'planned' ? toStart.includes(run.run) : rests(run),
  );
  await each(resting, (run) => copyVerdict(records, workflows, run));
  await each(await unsettledVerbs(database, settled.verb), (verb) => deliverVerb(records, workflows, verb));
  await each(await closedRunsWithLeases(database), (run) => quietHosts(records, workflows, run));
  const turns = [...(await reviewLine(database)), ...(await roomTurns(database))];
  await each(turns, async (turn) => workflows.wake(speaker(turn)));
  for (let turn = 0; turn < deletions && (await deleteOverdue(database)); turn++);
}

/** One after another; what fails is left for the next sweep and holds up nobody else. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      log.warn(`left for the next sweep: ${String(error)}`);
    }
  }
}

async function startAgain({ database }: Records, workflows: Workflows, run: string): Promise<void> {
  const { planHash } = await readRun(database, run);
  await workflows.startRunbook(run, summaryOf(await readPlan(database, planHash)));
}

async function copyVerdict(records: Records, workflows: Workflows, run: OpenRun): Promise<void> {
  const id = run.undo === undefined ? runWorkflowId(run.run) : undoWorkflowId(run.run, run.undo);
  const verdict = await workflows.verdict(id);
  if (verdict === 'RUNNING' || verdict === 'CONTINUED_AS_NEW' || verdict === 'PAUSED') return;
  // An undo that Temporal never heard of was left by a crash between its row and its start.
  if (verdict === 'FORGOTTEN' && run.undo !== undefined) {
    await workflows.startUndo(run.run, run.undo, `undo of ${run.run}`);
    return;
  }
  if (verdict === 'FORGOTTEN' && run.neverBegan) return startAgain(records, workflows, run.run);
  await closeLostRun(records, run, verdict);
}

/** A run that has ended gives up its hosts only when nothing of it runs there any more. */
async function quietHosts({ database }: Records, workflows: Workflows, run: string): Promise<void> {
  if (rests(await readRun(database, run))) await workflows.startQuiet(run);
}

function rests(run: { readonly changedAt: string }): boolean {
  return Date.now() - Date.parse(run.changedAt) > settled.verdict;
}

/** Sweeps every few seconds until it is stopped; a failed sweep is logged and the next one tries again. */
export class Sweeper {
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(
    private readonly records: Records,
    private readonly workflows: Workflows,
  ) {}

  /** @param seconds - between two sweeps */
  start(seconds = 3): void {
    this.#done = this.#repeat(seconds * 1000);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #repeat(milliseconds: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await sweep(this.records, this.workflows);
      } catch (error) {
        log.warn(`nothing is lost, the next sweep tries again: ${String(error)}`);
      }
      await pause(milliseconds, this.#stop.signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
