import type { Authority } from '../../../activities/certificates/sign.js';
import type { Preview } from '../../../activities/ssh/look-ahead.js';
import type { Filler } from '../../../activities/ssh/needs.js';
import type { Facts } from '../../../activities/ssh/session.js';
import { evaluate } from '../../../model/expression/evaluate.js';
import { fillText } from '../../../model/expression/fill.js';
import { stepsRead, taskScope } from '../../../model/expression/task-scope.js';
import { writeOut } from '../../../model/expression/fill.js';
import type { Operation } from '../../../model/operation.js';
import type { Plan, PlannedSecret, PlannedStep } from '../../../model/plan.js';
import { holdsSecret } from '../../../model/value.js';
import { holesOf, secretsIn, wholeOf, withKnown } from '../../../model/holes.js';
import type { Rendering } from './rendering.js';

/**
 * Resolves a task as a run would at its begin, and keeps nothing. What steps register is not known; what the run
 * would make is stood in for by a placeholder of its length, which is masked like a secret.
 *
 * @throws Failed `step/value-unusable`, `secret/missing`
 */
export async function preview(
  rendering: Rendering,
  plan: Plan,
  step: PlannedStep,
  host: string,
  operation: Operation,
  facts?: Facts,
): Promise<Preview> {
  const holes = holesOf(operation);
  const open = holes.filter((hole) => hole.sees === 'run').map((hole) => hole.expression);
  const before = stepsRead(plan, step, [...(step.when === undefined ? [] : [step.when]), ...open]);
  if (before.length > 0) return { before };
  const scope = taskScope(plan, { step: step.id, host, bindings: {}, ...(facts && { facts: { ...facts } }) });
  if (step.when !== undefined && evaluate(step.when, scope) !== true) return { when: false, filler: nothing };
  const values = Object.fromEntries(open.map((expression) => [expression, evaluate(expression, scope)]));
  const known = new Map(Object.entries(values).map(([expression, value]) => [expression, written(value)]));
  const secret = await secretsFor(rendering, plan, secretsIn(holes, plan));
  return {
    when: true,
    filler: {
      fill: (text) => ({ value: fillText(withKnown(text, known), { secret }), secret: holdsSecret(text) }),
      whole: (text) => wholeOf(text, values),
      secrets: Object.values(secret).map((one) => (typeof one === 'string' ? one : one.key)),
    },
  };
}

const nothing: Filler = {
  fill: () => {
    throw new Error('a task that is skipped has no values');
  },
  secrets: [],
};

const written = (value: Parameters<typeof writeOut>[0]): string => writeOut(value) ?? JSON.stringify(value);

async function secretsFor(
  rendering: Rendering,
  plan: Plan,
  names: readonly string[],
): Promise<Record<string, string | Authority>> {
  const stored = names.filter((name) => 'stored' in (plan.secrets[name] ?? {}));
  const opened = await rendering.secrets.openSecrets('', plan, stored);
  return Object.fromEntries(names.map((name) => [name, opened.get(name)?.open() ?? placeholder(plan.secrets[name])]));
}

/** Stands for what the run would make. It is masked wherever it would be shown. */
function placeholder(secret: PlannedSecret | undefined): string | Authority {
  if (secret && 'generate' in secret) return 'made-by-the-run-'.repeat(64).slice(0, secret.generate.length);
  return { certificate: '(the certificate of an authority that the run makes)\n', key: 'key-made-by-the-run' };
}
