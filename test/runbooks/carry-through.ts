import { setTimeout as sleep } from 'node:timers/promises';
import type { RunsAnswer } from '../../model/answers.js';
import { isFinal } from '../../model/moves.js';
import type { Belay } from '../end-to-end/belay.js';
import { changes } from './gluu-world.js';

/** A run that has got as far as it goes by itself, and which of its steps changed something where. */
export interface Carried {
  readonly run: string;
  readonly changed: string[];
}

/**
 * Runs a runbook to its end, with every approval that it asks for.
 * @throws where it pauses or ends otherwise, with the failures of its tasks
 */
export async function carryThrough(
  belay: Belay,
  runbook: string,
  inputs: Readonly<Record<string, unknown>>,
  inventory?: string,
): Promise<Carried> {
  const { state, ...carried } = await carryOn(belay, runbook, inputs, inventory);
  if (state !== 'succeeded') throw new Error(`${state}: ${await troubles(belay, carried.run)}`);
  return carried;
}

/** Runs a runbook with every approval that it asks for, until it waits for a decision, pauses or has ended. */
export async function carryOn(
  belay: Belay,
  runbook: string,
  inputs: Readonly<Record<string, unknown>>,
  inventory?: string,
): Promise<Carried & { readonly state: string }> {
  const { hash, plan } = await belay.plan(runbook, inputs, inventory);
  const run = await belay.start(hash);
  const state = await goOn(belay, run);
  return { run, state, changed: await changes(belay, run, plan) };
}

/**
 * Gives a run every approval that it asks for, until it waits for a decision, pauses or has ended; says which.
 *
 * @param but - what somebody else has to say yes to; there it ends, waiting
 */
export async function goOn(belay: Belay, run: string, but?: RegExp): Promise<string> {
  const given = new Set<number>();
  for (;;) {
    const { state, approval } = await belay.until(run, ['waiting', 'paused', 'failed', 'succeeded'], 1200);
    const wanted = approval?.phase;
    if (state !== 'waiting' || wanted === undefined || but?.test(approval?.ask ?? '') === true) return state;
    if (!given.has(wanted)) await belay.approve(run, wanted);
    given.add(wanted);
    await sleep(200);
  }
}

/** Has what has failed be tried again, and waits until the run goes on: one that waited still says so for a moment. */
export async function tryAgain(belay: Belay, run: string): Promise<void> {
  const before = (await belay.events(run)).length;
  await belay.say(run, 'retry');
  for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
    const since = (await belay.events(run)).slice(before);
    if (since.some(({ kind, data }) => kind === 'run-moved' && data['to'] === 'running')) return;
    const settled = since.find(({ kind }) => kind === 'verb-settled')?.data;
    if (settled?.['accepted'] === false || Date.now() > deadline)
      throw new Error(`not tried again: ${JSON.stringify(settled)}: ${await troubles(belay, run)}`);
  }
}

/** Undoes a run, and waits until it has been undone. A run that waited before may still say so for a moment. */
export async function carryBack(belay: Belay, run: string): Promise<void> {
  await belay.say(run, 'undo');
  for (const deadline = Date.now() + 1_200_000; ; await sleep(200)) {
    const { state, standing } = await belay.run(run);
    if (state === 'undone') return;
    const stuck = state === 'undo_incomplete' || standing['for'] === 'undo-decision';
    if (stuck || Date.now() > deadline) throw new Error(`${state}: ${await troubles(belay, run)}`);
  }
}

/** States of tasks that did not come or go back as they should. */
const amiss = /^(failed|unknown|undo_failed|unreachable)$/;

/** Undoes whatever runs are open still, such as those that a test left when it went wrong. */
export async function clearUp(belay: Belay): Promise<void> {
  const { runs } = (await (await belay.request('/v1/runs')).json()) as RunsAnswer;
  for (const { run } of runs.filter(({ state }) => !isFinal(state))) await carryBack(belay, run);
}

async function troubles(belay: Belay, run: string): Promise<string> {
  const tasks = (await belay.tasks(run)).filter(({ failure, state }) => failure !== undefined || amiss.test(state));
  return JSON.stringify(
    tasks.map(({ step, host, state, summary, failure }) => ({ step, host, state, summary, failure })),
    null,
    1,
  );
}
