import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Crime } from '../checker/facts.js';
import type { Checked } from './check.js';
import type { Passed } from './pass-through.js';

/** All that was found on one ground, or on several. */
export interface Outcome {
  readonly revision: string;
  readonly seed: number;
  readonly passed: readonly Passed[];
  readonly checked: Checked;
  /** Planted violations that the checker did not see. */
  readonly missed: readonly Crime[];
  /** Secrets where they must not be. */
  readonly secrets: readonly string[];
}

/** The commit that is checked out, with `-dirty` where files differ from it. */
export function revisionOf(): string {
  return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { encoding: 'utf8' }).trim();
}

/** What is left of a ground that did not stand to its end: what was found on it, not judged, and all else as not forced. */
export function cutShort(
  made: Pick<Outcome, 'revision' | 'seed'>,
  faults: readonly Passed['fault'][],
  passed: readonly Passed[],
  error: unknown,
): Outcome {
  const said = `its ground did not stand to the end: ${error instanceof Error ? error.message : String(error)}`;
  const left = faults.filter(
    (fault) => !passed.some((one) => one.fault.group === fault.group && one.fault.name === fault.name),
  );
  const red = [...left, { group: 'control', name: 'every run is judged' }].map(({ group, name }) => ({
    ...{ fault: { group, name }, run: '', ok: false, said, state: '?', seconds: 0 },
  }));
  return {
    ...{ ...made, passed: [...passed, ...red] },
    ...{ checked: { seen: {}, violations: [] }, missed: [], secrets: [] },
  };
}

export function readOutcome(file: string): Outcome {
  return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
}

/** What was found on several grounds as if it had been one. @throws Error where they were of several revisions */
export function joined(outcomes: readonly Outcome[]): Outcome {
  const [first] = outcomes;
  if (first === undefined) throw new Error('there is nothing to join');
  const revisions = [...new Set(outcomes.map(({ revision }) => revision))];
  if (revisions.length > 1) throw new Error(`these are of several revisions: ${revisions.join(', ')}`);
  const seen: Record<string, number> = {};
  for (const { checked } of outcomes)
    for (const [what, number] of Object.entries(checked.seen)) seen[what] = (seen[what] ?? 0) + number;
  return {
    revision: first.revision,
    seed: first.seed,
    passed: outcomes.flatMap(({ passed }) => passed),
    checked: { seen, violations: outcomes.flatMap(({ checked }) => checked.violations) },
    missed: [...new Set(outcomes.flatMap(({ missed }) => missed))],
    secrets: [...new Set(outcomes.flatMap(({ secrets }) => secrets))],
  };
}
