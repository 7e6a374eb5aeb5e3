import type { Failure } from '../failure.js';

/** What is said of a task whose run ended while one of its attempts had begun and had not told how it ended. */
export function untold(step: string, host: string, attempt: number): Failure {
  return {
    kind: 'step/outcome-unknown',
    tried: `${step} on ${host}, attempt ${attempt}`,
    known: 'the run ended before this attempt had told how it ended; whether the step took effect is not known',
    next: 'look at the host; undo takes back what it may have done',
  };
}
