import { CancellationScope, isCancellation, patched, setHandler } from '@temporalio/workflow';
import type { WaveOutline } from '../model/record.js';
import { hostsOut, hostsUnknown, openEnds } from '../model/task/rounds.js';
import { stretch, type DueStep } from '../model/task/stretch.js';
import type { Keeper } from './keeper.js';
import { holdSignal, standingQuery, type PhaseArgument, type PhaseStanding } from './messages.js';
import { records } from './reach.js';
import { runStep } from './run-step.js';
import { runStretch } from './run-stretch.js';

/**
 * One phase on one wave: its steps one after another, each on all hosts that are still in. It takes up whatever an
 * earlier life left, and returns where it stands; it never waits for people. Where more hosts are out than may be, it
 * begins no further step, and brings what has begun to its end.
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
  const unknown = hostsUnknown(wave.tasks);
  const back = (how: PhaseStanding['standing']): PhaseStanding => ({
    ...{ standing: how, failed: [...out] },
    ...(unknown.size > 0 ? { unknown: [...unknown] } : {}),
  });
  for (let at = 0; at < wave.steps.length;) {
    const beyond = out.size > wave.maxFailures;
    const due = beyond ? nextOpenEnd(wave, at, out) : stretch(wave.steps.slice(at), wave.tasks, out);
    const [first] = due;
    if (beyond && !(first && patched('what has begun comes to its end'))) return back('failed');
    if (hold) return back('held');
    if (!first || first.due.length === 0) {
      at += 1;
      continue;
    }
    const { step } = first;
    at = wave.steps.indexOf(step);
    standing = `${step.name} (${step.id}) on ${first.due.length} of ${step.hosts.length} hosts`;
    const on = { phase: wave.phase, keeper };
    const ended = await unlessCancelled(scope, async () =>
      due.length > 1 && patched('stretches')
        ? runStretch(where, on, due, () => hold)
        : { steps: 1, failed: await runStep(where, on, step, first.due, () => hold) },
    );
    if (ended === 'cancelled') return back('held');
    at += ended.steps;
    for (const { host, ending } of ended.failed) {
      out.add(host);
      if (ending === 'unknown') unknown.add(host);
    }
  }
  return back(out.size > wave.maxFailures ? 'failed' : 'done');
}

/** The first step from `from` on that has begun and whose end is open; none where there is no such step. */
function nextOpenEnd({ steps, tasks }: WaveOutline, from: number, out: ReadonlySet<string>): readonly DueStep[] {
  for (const step of steps.slice(from)) {
    const due = openEnds(step, tasks, out);
    if (due.length > 0) return [{ step, due }];
  }
  return [];
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
