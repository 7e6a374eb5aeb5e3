import { CancellationScope, isCancellation, setHandler } from '@temporalio/workflow';
import { dueAttempts, hostsOut } from '../model/task/rounds.js';
import type { Keeper } from './keeper.js';
import { holdSignal, standingQuery, type PhaseArgument, type PhaseStanding } from './messages.js';
import { records } from './reach.js';
import { runStep } from './run-step.js';

/**
 * One phase on one wave: its steps one after another, each on all hosts that are still in. It takes up whatever an
 * earlier life left, and returns where it stands; it never waits for people.
 */
export async function phase(where: PhaseArgument): Promise<PhaseStanding> {
  let hold = false;
  let standing = 'reading its wave';
  const steps = new CancellationScope();
  setHandler(holdSignal, (how) => {
    hold = true;
    if (how === 'now') steps.cancel();
  });
  setHandler(standingQuery, () => standing);

  const wave = await records.readWave(where.run, where.phase, where.wave);
  const keeper: Keeper = { queue: wave.queue };
  const out = hostsOut(wave.tasks);
  for (const step of wave.steps) {
    if (out.size > wave.maxFailures) return { standing: 'failed', failed: [...out] };
    if (hold) return { standing: 'held', failed: [...out] };
    const due = dueAttempts(step, wave.tasks, out);
    if (due.length === 0) continue;
    standing = `${step.name} (${step.id}) on ${due.length} of ${step.hosts.length} hosts`;
    const failed = await unlessCancelled(steps, async () =>
      runStep(where, { phase: wave.phase, keeper }, step, due, () => hold),
    );
    if (failed === 'cancelled') return { standing: 'held', failed: [...out] };
    for (const host of failed) out.add(host);
  }
  return out.size > wave.maxFailures
    ? { standing: 'failed', failed: [...out] }
    : { standing: 'done', failed: [...out] };
}

/** The step's result; `cancelled` where `hold now` ended it between attempts. */
async function unlessCancelled<T>(scope: CancellationScope, work: () => Promise<T>): Promise<T | 'cancelled'> {
  try {
    return await scope.run(work);
  } catch (error) {
    if (isCancellation(error) && scope.consideredCancelled) return 'cancelled';
    throw error;
  }
}
