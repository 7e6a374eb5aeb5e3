import type { Value } from '../../../model/value.js';

/** Whether a run waits for other runs, and so for nobody who could do something about it here. */
export function waitsForOthers({
  state,
  standing,
}: {
  readonly state: string;
  readonly standing: Readonly<Record<string, Value>>;
}): boolean {
  return state === 'waiting' && (standing['for'] === 'leases' || standing['for'] === 'budget');
}
