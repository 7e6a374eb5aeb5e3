import type { z } from 'zod';
import { pointer, Problem, type Fault } from './problem.js';

/** Faults shown of one request; a hostile one could have a million. */
const most = 50;

/** What a schema has against a request, with a pointer to each place. */
export function invalid(issues: readonly unknown[]): Problem {
  const faults = (issues as readonly z.core.$ZodIssue[]).flatMap(faultsOf).slice(0, most);
  return new Problem(
    'request/invalid',
    faults.length === 1 ? '1 value is not as it should be' : `${faults.length} values are not as they should be`,
    faults,
  );
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointer(issue.path), detail: issue.message }];
  return issue.keys.map((key) => ({ pointer: pointer([...issue.path, key]), detail: 'is not known here' }));
}
