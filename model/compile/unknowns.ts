import { parseExpression } from '../expression/parse.js';
import { survey } from '../expression/references.js';
import { isLate, isOfRun, type LateNames } from '../expression/sees.js';
import type { Plan, PlannedSecret, PlannedStep } from '../plan.js';
import { expressionSees } from './compile-step.js';
import { isTemplate } from './texts.js';

/** What cannot be known before the run, one sentence each, in the order of the plan. */
export function unknownsOf({ phases, secrets }: Pick<Plan, 'phases' | 'secrets'>): string[] {
  const made = Object.entries(secrets).flatMap(([name, secret]) => madeInRun(name, secret));
  const steps = phases.flatMap((phase) =>
    phase.steps.flatMap((step) => [step, ...(step.undo.how === 'steps' ? step.undo.steps : [])]),
  );
  return [...new Set([...made, ...steps.flatMap(ofStep)])];
}

function madeInRun(name: string, secret: PlannedSecret): string[] {
  if ('next' in secret) return [`The next value of ${secret.next.stored}, unless one waits when the run begins.`];
  if ('generate' in secret) return [`The secret ${name} (${secret.generate.length} characters) is made by the run.`];
  return 'certificate_authority' in secret
    ? [`The certificate authority ${name} ("${secret.certificate_authority.name}") is made by the run.`]
    : [];
}

function ofStep(step: PlannedStep): string[] {
  const late = new Set(Object.keys(step.scope?.late ?? {}));
  const condition =
    step.when !== undefined && expressionSees(step.when, late) !== 'plan'
      ? [`Whether ${step.id} is done on a host: it asks ${step.when}.`]
      : [];
  const used = new Set(expressionsBelow(step.operations).flatMap((one) => namedOfRun(one, late)));
  return [...condition, ...(used.size > 0 ? [`What ${[...used].sort().join(', ')} will be, for ${step.id}.`] : [])];
}

/** The expressions that are left in operations. */
function expressionsBelow(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isTemplate(value))
    return value.template.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.expression]));
  return Object.values(value).flatMap(expressionsBelow);
}

function namedOfRun(expression: string, late: LateNames): string[] {
  const reading = parseExpression(expression);
  if ('mistake' in reading) return [];
  return survey(reading.tree)
    .references.filter((one) => isOfRun(one) || isLate(one, late))
    .map(({ root, path }) => [root, ...path].join('.'));
}
