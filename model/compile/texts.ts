import type { Path } from '../document/document.js';
import { checkExpression, type Place } from '../expression/check.js';
import { tryEvaluate, type NoValue } from '../expression/evaluate.js';
import { describe, writeOut } from '../expression/fill.js';
import type { Scope } from '../expression/scope.js';
import { hasExpression, splitTemplate, type Piece, type TextMistake } from '../expression/template.js';
import type { Hole, Sees, Template, Value } from '../value.js';

/** Reports a mistake inside the text at a path of the document. */
export type Report = (path: Path, mistake: TextMistake) => void;

/** Puts something in the place of every text below `value` that holds an expression. */
export function mapTexts(value: unknown, path: Path, replace: (text: string, path: Path) => unknown): unknown {
  if (typeof value === 'string') return hasExpression(value) ? replace(value, path) : value;
  if (Array.isArray(value)) return value.map((item, index) => mapTexts(item, [...path, index], replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, [...path, key], replace)]));
}

/** A text as it is known before inputs: every expression is a hole, checked for what its place allows. */
export function checkedTemplate(text: string, path: Path, place: Place, report: Report): Template {
  const { pieces, mistakes } = splitTemplate(text);
  for (const mistake of mistakes) report(path, mistake);
  const wanted = pieces.length === 1 ? 'any' : 'text';
  const template = pieces.map((piece) =>
    'constant' in piece ? piece.constant : checkedHole(piece, path, { ...place, wanted }, report),
  );
  return { template };
}

type Written = Extract<Piece, { expression: string }>;

function checkedHole({ expression, offset }: Written, path: Path, place: Place, report: Report): Hole {
  if (expression === '') return { expression, sees: 'plan' };
  const { sees, mistakes } = checkExpression(expression, place);
  for (const mistake of mistakes) report(path, { ...mistake, offset: offset + mistake.offset });
  return { expression, sees };
}

/**
 * A text when the plan is made: what can be known is filled in, the rest stays a hole. A text that is one whole
 * expression keeps the type of its value.
 */
export function resolvedText(
  text: string,
  path: Path,
  scope: Scope,
  seesOf: (expression: string) => Sees,
  report: Report,
): Value | Template {
  const { pieces } = splitTemplate(text);
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined && 'expression' in first && seesOf(first.expression) === 'plan') {
    return valueOf(first, path, scope, report) ?? '';
  }
  const filled = pieces.map((piece) => {
    if ('constant' in piece) return piece.constant;
    const sees = seesOf(piece.expression);
    return sees === 'plan' ? textOf(piece, path, scope, report) : { expression: piece.expression, sees };
  });
  const joined = joinConstants(filled);
  return joined.every((piece) => typeof piece === 'string') ? joined.join('') : { template: joined };
}

function valueOf(piece: Written, path: Path, scope: Scope, report: Report): Value | undefined {
  const outcome = tryEvaluate(piece.expression, scope);
  if ('value' in outcome) return outcome.value;
  report(path, noValue(piece, outcome));
  return undefined;
}

function textOf(piece: Written, path: Path, scope: Scope, report: Report): string {
  const value = valueOf(piece, path, scope, report);
  if (value === undefined) return '';
  const written = writeOut(value);
  if (written === undefined)
    report(path, {
      offset: piece.offset,
      problem: `${describe(value)} cannot be a piece of a text`,
      advice: 'use join(), or string()',
    });
  return written ?? '';
}

function noValue({ expression, offset }: Written, { offset: within, why }: NoValue): TextMistake {
  return {
    offset: offset + within,
    problem: `${expression} has no value: ${why}`,
    advice: 'look at what it names, in parameters and inventory',
  };
}

function joinConstants(pieces: readonly (string | Hole)[]): (string | Hole)[] {
  const joined: (string | Hole)[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  return joined;
}

/** True for a text that still has holes. */
export function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && Array.isArray((value as { template?: unknown }).template);
}

/** The template at a path, or the one that stands where the path would go on. */
export function templateAt(value: unknown, path: Path): Template | undefined {
  let at = value;
  for (const name of path) {
    if (isTemplate(at)) return at;
    at = (at as Record<string | number, unknown> | null | undefined)?.[name];
  }
  return isTemplate(at) ? at : undefined;
}
