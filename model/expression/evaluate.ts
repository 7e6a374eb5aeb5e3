import { EvaluationError } from '@marcbachmann/cel-js';
import { Failed } from '../failure.js';
import type { Value } from '../value.js';
import { bound, TooCostly } from './budget.js';
import { fromCel, toCel } from './convert.js';
import { parseExpression, roots, type Root } from './parse.js';
import { survey, type Reference } from './references.js';
import type { Scope } from './scope.js';
import { seesOf } from './sees.js';

/** Why an expression has no value. */
export interface NoValue {
  readonly offset: number;
  readonly why: string;
}

/**
 * The value of a CEL expression, by the rules of the compiler: whole numbers are integers, nothing outside
 * `scope` can be named, and length, depth, steps and regular expressions are bounded.
 *
 * @throws Failed `step/value-unusable`
 */
export function evaluate(expression: string, scope: Scope): Value {
  const outcome = tryEvaluate(expression, scope);
  if ('value' in outcome) return outcome.value;
  throw unusable(`evaluate ${expression}`, outcome.why);
}

/** {@link evaluate} for the compiler, which says where the trouble is. */
export function tryEvaluate(expression: string, scope: Scope): { readonly value: Value } | NoValue {
  const reading = parseExpression(expression);
  if ('mistake' in reading) return { offset: reading.mistake.offset, why: reading.mistake.problem };
  const { references, mistakes } = survey(reading.tree);
  if (mistakes[0] !== undefined) return { offset: mistakes[0].offset, why: mistakes[0].problem };
  bound(reading.tree);
  try {
    const value = fromCel(reading.parsed(context(scope, references)));
    return value === undefined ? { offset: 0, why: 'it is neither text nor number nor list nor map' } : { value };
  } catch (error) {
    // What the library says may quote a value, so of a secret only that it failed is told.
    const quiet = !(error instanceof TooCostly) && seesOf(references) === 'secret';
    return { offset: rangeOf(error), why: quiet ? 'it cannot be evaluated with this secret' : reasonOf(error) };
  }
}

/** The failure of a value that cannot be used where it stands. */
export function unusable(tried: string, known: string): Failed {
  return new Failed({
    kind: 'step/value-unusable',
    tried,
    known,
    next: 'look at what the value is made of; correct it, then retry, skip or undo',
  });
}

/** Only what the expression names: groups of many hosts take time to convert. */
function context(scope: Scope, references: readonly Reference[]): Record<string, unknown> {
  const named = new Set(references.map(({ root }) => root));
  return Object.fromEntries(roots.map((root) => [root, named.has(root) ? toCel(valueOf(scope, root)) : {}]));
}

function valueOf(scope: Scope, root: Root): Value {
  return ((root === 'every' ? scope.every?.() : scope[root]) ?? {}) as Value;
}

function rangeOf(error: unknown): number {
  return error instanceof EvaluationError ? (error.range?.start ?? 0) : 0;
}

function reasonOf(error: unknown): string {
  if (error instanceof EvaluationError) {
    return error.code === 'no_such_key' ? error.summary.replace(/^No such key: /, 'there is no ') : error.summary;
  }
  return error instanceof Error ? error.message : 'it cannot be evaluated';
}
