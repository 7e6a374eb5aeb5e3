import { unmet } from '../../model/expression/assertion.js';
import { parseLimit } from '../../model/parse/read-output.js';
import { readRegistered } from '../../model/parse/registered.js';
import type { Register } from '../../model/plan.js';
import type { Value } from '../../model/value.js';
import { failureOf, lastWords, masked, type Attempt, type Outcome } from './attempt.js';

/** What the step registers, typed; or why that cannot be, which fails the step. */
export async function register(
  attempt: Attempt,
  exit: number,
): Promise<{ readonly values: Record<string, Value> } | { readonly outcome: Outcome }> {
  const values: Record<string, Value> = {};
  for (const [name, rule] of Object.entries(attempt.step.register)) {
    const read = rule.from === 'exit' ? { value: exit } : readRegistered(rule, await output(attempt, rule.from));
    if ('problem' in read) return { outcome: unreadable(attempt, name, rule, read.problem) };
    if (read.value === undefined) return { outcome: unusable(attempt, name, rule) };
    values[name] = read.value;
  }
  return { values };
}

/** Whether what the step asserts holds; undefined where it does. */
export async function broken(
  attempt: Attempt,
  registered: Readonly<Record<string, Value>>,
): Promise<Outcome | undefined> {
  for (const expression of attempt.step.assert) {
    const { holds, read } = await attempt.needs.assert(attempt.name, expression, attempt.session.facts, registered);
    if (holds) continue;
    return {
      ending: 'partial',
      failure: failureOf(
        attempt,
        'step/assert-failed',
        unmet(expression, registered, read, (json) => lastWords(attempt, json)),
        'look at its output; then retry, skip or undo',
      ),
    };
  }
  return undefined;
}

async function output(attempt: Attempt, stream: 'stdout' | 'stderr'): Promise<string> {
  const bytes = await attempt.session.output(
    { task: attempt.task, attempt: attempt.attempt, part: 'do', stream },
    0,
    parseLimit + 1,
  );
  return masked(attempt, Buffer.from(bytes).toString('utf8'));
}

function unusable(attempt: Attempt, name: string, rule: Register): Outcome {
  return {
    ending: 'partial',
    failure: failureOf(
      attempt,
      'step/value-unusable',
      `its ${rule.from} is no ${rule.type} of at most 64 KiB without NUL, so \`${name}\` cannot be registered`,
      'look at its output; correct `register` or the step',
    ),
  };
}

function unreadable(attempt: Attempt, name: string, rule: Register, problem: string): Outcome {
  return {
    ending: 'partial',
    failure: failureOf(
      attempt,
      'step/output-unreadable',
      `its ${rule.from} cannot be read as ${rule.parse?.format ?? rule.type}: ${problem}; so \`${name}\` cannot be registered`,
      'look at its output; correct `register` or the step',
    ),
  };
}
