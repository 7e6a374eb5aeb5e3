import type { StepOutline, TaskRecord } from '../record.js';
import { dueAttempts, type DueAttempt } from './rounds.js';

/** A step, and where it is due. */
export interface DueStep {
  readonly step: StepOutline;
  readonly due: readonly DueAttempt[];
}

/** Steps of one stretch: whoever takes it up from a lost worker passes over those that have ended, one by one. */
const longest = 20;

/**
 * The first of `steps`, and those after it that one worker can carry out right behind it: over SSH, on the same hosts.
 * Where it is due nowhere it stands alone.
 */
export function stretch(
  steps: readonly StepOutline[],
  tasks: readonly TaskRecord[],
  out: ReadonlySet<string>,
): readonly DueStep[] {
  const found: DueStep[] = [];
  for (const step of steps.slice(0, longest)) {
    const due = dueAttempts(step, tasks, out);
    const [first] = found;
    if (first && (due.length === 0 || step.on !== 'host' || !onSameHosts(due, first.due))) break;
    found.push({ step, due });
    if (step.on !== 'host' || due.length === 0) break;
  }
  return found;
}

function onSameHosts(some: readonly DueAttempt[], others: readonly DueAttempt[]): boolean {
  return some.length === others.length && some.every(({ host }, index) => host === others[index]?.host);
}
