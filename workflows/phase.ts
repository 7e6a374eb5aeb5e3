import { CancellationScope, isCancellation, patched, setHandler } from '@temporalio/workflow';
import { hostsOut } from '../model/task/rounds.js';
import { stretch } from '../model/task/stretch.js';
import type { Keeper } from './keeper.js';
import { holdSignal, standingQuery, type PhaseArgument, type PhaseStanding } from './messages.js';
import { records } from './reach.js';
import { runStep } from './run-step.js';
import { runStretch } from './run-stretch.js';

/**
 * One phase on one wave: its steps one after another, each on all hosts that are still in. It takes up whatever an
 * earlier life left, and returns where it stands; it never waits for people.
 */
export async function phase(where: PhaseArgument): Promise<PhaseStanding> {
  let hold = false;
  let standing = 'reading its wave';
  const scope = new CancellationScope();
  setHandler(holdSignal, (how) => {
    hold = true;
    if (how === 'now') scope.cancel();
  });
  setHandler(standingQuery, () => standing);

  const wave = await records.readWave(where.run, where.phase, where.wave);
  const keeper: Keeper = { queue: wave.queue };
  const out = hostsOut(wave.tasks);
  for (let at = 0; at < wave.steps.length;) {
    if (out.size > wave.maxFailures) return { standing: 'failed', failed: [...out] };
    if (hold) return { standing: 'held', failed: [...out] };
    const due = stretch(wave.steps.slice(at), wave.tasks, out);
    const [first] = due;
    at += 1;
    if (!first || first.due.length === 0) continue;
    const { step } = first;
    standing = `${step.name} (${step.id}) on ${first.due.length} of ${step.hosts.length} hosts`;
    const on = { phase: wave.phase, keeper };
    const ended = await unlessCancelled(scope, async () =>
      due.length > 1 && patched('stretches')
        ? runStretch(where, on, due, () => hold)
        : { steps: 1, failed: await runStep(where, on, step, first.due, () => hold) },
    );
    if (ended === 'cancelled') return { standing: 'held', failed: [...out] };
    at += ended.steps - 1;
    for (const host of ended.failed) out.add(host);
  }
  return out.size > wave.maxFailures
    ? { standing: 'failed', failed: [...out] }
    : { standing: 'done', failed: [...out] };
}

/** The steps' result; `cancelled` where `hold now` ended them between attempts. */
async function unlessCancelled<T>(scope: CancellationScope, work: () => Promise<T>): Promise<T | 'cancelled'> {
  try {
    return await scope.run(work);
  } catch (error) {
    if (isCancellation(error) && scope.consideredCancelled) return 'cancelled';
    throw error;
  }
}
