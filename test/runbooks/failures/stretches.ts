import { onlyReads, type PlannedPhase, type PlannedStep } from '../../../model/plan.js';
import type { Place } from './rows.js';

/** Steps of one phase that fail one after another, and go back together to the step that it begins with. */
export interface Stretch {
  readonly start: string;
  readonly places: readonly Place[];
}

/** Steps of a phase that are too many for going back to its beginning from each. */
const many = 12;

/** Whether steps of a phase go back each with no more than they have to, and not to its beginning. */
export const isLong = ({ steps }: PlannedPhase): boolean => steps.filter((step) => !onlyReads(step)).length > many;

/**
 * The steps of one phase that are to fail, cut into stretches: all of them in one where the phase is not long, else each
 * with no more than what it goes back with.
 *
 * @param places - in the plan's order
 */
export function stretchesOf(phase: PlannedPhase, places: readonly Place[]): Stretch[] {
  const { steps } = phase;
  const first = steps.findIndex(({ tasks }) => Object.keys(tasks).length > 0);
  const at = (step: string): number => steps.findIndex(({ id }) => id === step);
  const stretches: { start: number; places: Place[] }[] = [];
  for (const place of places) {
    let start = isLong(phase) ? Math.max(startOf(steps, at(place.step)), first) : first;
    const within = [place];
    for (let last = stretches.at(-1); last && at(last.places.at(-1)?.step ?? '') >= start; last = stretches.at(-1)) {
      start = Math.min(start, last.start);
      within.unshift(...last.places);
      stretches.pop();
    }
    stretches.push({ start, places: within });
  }
  return stretches.map((one) => ({ start: steps[one.start]?.id ?? '', places: one.places }));
}

/** The number of the step that one goes back to for its effect to be gone, in its phase. */
function startOf(steps: readonly PlannedStep[], index: number): number {
  const step = steps[index];
  if (step?.undo.how === 'by') {
    const by = step.undo.by.map((id) => steps.findIndex((one) => one.id === id)).filter((one) => one >= 0);
    return Math.min(index, ...by.map((one) => startOf(steps, one)));
  }
  if (step?.undo.how !== 'steps') return index;
  // What undoes itself in its own way may leave the rest to a backup that its fragment has made before.
  const saved = steps.findIndex(({ kind, scope }) => kind === 'backup' && scope?.prefix === step.scope?.prefix);
  return saved >= 0 ? Math.min(index, saved) : index;
}
