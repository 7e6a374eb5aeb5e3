import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { finalStates } from '../model/states.js';
import type { Belay } from '../test/end-to-end/belay.js';

/** A step as it stands in YAML. */
export type StepText = Readonly<Record<string, unknown>>;

/** `count` steps that do the same. They cannot be undone, so every protection of a real effect is on. */
export function alike(count: number, step: StepText): StepText[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `s${index + 1}`,
    step: `Step ${index + 1} is done`,
    ...step,
    undo: 'none',
    because: 'It only costs time.',
  }));
}

interface PlanOptions {
  /** A pattern; by default every host. */
  readonly hosts?: string;
  /** The path of another inventory than the lab's. */
  readonly inventory?: string;
  /** What lies beside the runbook. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

/** Plans a runbook of one phase; gives the plan's hash. */
export async function planOf(
  belay: Belay,
  steps: readonly StepText[],
  { hosts = 'all_hosts', inventory, files = new Map() }: PlanOptions = {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  const runbook = {
    runbook: 'bench',
    about: 'Measures.',
    groups: { all_hosts: { min: 1 } },
    phases: [{ phase: 'Measure', hosts, steps }],
  };
  try {
    writeFileSync(join(folder, 'runbook.yaml'), stringify(runbook, { aliasDuplicateObjects: false }));
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    return (await belay.plan(folder, {}, inventory)).hash;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Seconds from the request that starts a run until it has succeeded. */
export async function timeRun(belay: Belay, plan: string, patience = 120): Promise<number> {
  const began = Date.now();
  const run = await belay.start(plan);
  for (;;) {
    // Asked seldom, so that asking does not cost what is measured; the run's own record says when it ended.
    await sleep(200);
    const { state, endedAt = '' } = await belay.run(run);
    if (state === 'succeeded') return (Date.parse(endedAt) - began) / 1000;
    if (
      finalStates.includes(state) ||
      state === 'waiting' ||
      state === 'paused' ||
      Date.now() > began + patience * 1000
    )
      throw new Error(`the run ${run} is ${state}: ${await troubles(belay, run)}`);
  }
}

/** Which steps have not come out well, with what is known of each; the first few. */
async function troubles(belay: Belay, run: string): Promise<string> {
  const bad = (await belay.tasks(run)).filter(({ failure }) => failure);
  const told = bad
    .slice(0, 3)
    .map(({ step, host, state, failure }) => `${step}@${host} ${state}: ${failure?.kind}, ${failure?.known}`);
  return [`${bad.length} tasks in trouble`, ...told].join('; ');
}
