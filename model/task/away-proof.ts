import { unmet } from '../expression/assertion.js';
import type { Failure } from '../failure.js';
import { readRegistered } from '../parse/registered.js';
import type { Register } from '../plan.js';
import { goesOn } from '../states.js';
import type { Operation } from '../operation.js';
import type { TaskName } from '../record.js';
import type { Value } from '../value.js';
import type { AwayOutcome } from './away.js';
import type { AwayNeeds, AwayStepWork } from './away-needs.js';
import { adviceFor } from './hints.js';

type Registered = Readonly<Record<string, Value>>;
type Step = Pick<AwayStepWork<Operation>, 'name' | 'register' | 'assert' | 'hints'>;

/** An outcome with what the step registers of its output; one that does not show what the step asserts is `partial`. */
export async function proved(
  needs: Pick<AwayNeeds<Operation>, 'assert'>,
  { name, register, assert, hints = [] }: Step,
  task: TaskName,
  outcome: AwayOutcome,
): Promise<{ readonly outcome: AwayOutcome; readonly registered: Registered }> {
  const { output = '', ...end } = outcome;
  if (!goesOn(end.ending) || end.ending === 'skipped') return { outcome: end, registered: {} };
  const tried = `${name} (${task.step}) for ${task.host}`;
  const read = readAll(register, output);
  if ('failure' in read) return { outcome: broken(end, { ...read.failure, tried }), registered: {} };
  for (const expression of assert) {
    const { holds, read: seen } = await needs.assert(task, expression, read.values);
    if (holds) continue;
    const advice = adviceFor(hints, { stdout: output });
    const failure: Failure = {
      kind: 'step/assert-failed',
      tried,
      known: unmet(expression, read.values, seen, (json) => json.slice(0, shown)),
      next: 'look at what was read; then retry, skip or undo',
      ...(advice.length > 0 && { hints: advice }),
    };
    return { outcome: broken(end, failure), registered: read.values };
  }
  return { outcome: end, registered: read.values };
}

function readAll(
  rules: Readonly<Record<string, Register>>,
  output: string,
): { readonly values: Registered } | { readonly failure: Omit<Failure, 'tried'> } {
  const values: Record<string, Value> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const read = readRegistered(rule, output);
    const next = 'look at what was read; correct `register` or the step';
    if ('problem' in read) {
      const known = `what it read is not as \`register\` says: ${read.problem}; so \`${name}\` cannot be registered`;
      return { failure: { kind: 'step/output-unreadable', known, next } };
    }
    if (read.value === undefined) {
      const known = `what it read is no ${rule.type} of at most 64 KiB without NUL, so \`${name}\` cannot be registered`;
      return { failure: { kind: 'step/value-unusable', known, next } };
    }
    values[name] = read.value;
  }
  return { values };
}

/** Characters of a registered value that are shown where an assertion does not hold. */
const shown = 300;

function broken(outcome: AwayOutcome, failure: Failure): AwayOutcome {
  return { ...outcome, ending: 'partial', summary: failure.known, failure };
}
