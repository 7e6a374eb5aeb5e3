import { Failed } from '../failure.js';
import type { Hole, Text, Value } from '../value.js';
import { evaluate, unusable } from './evaluate.js';
import type { Scope } from './scope.js';

/**
 * Fills the holes of `text`. A text that is one whole hole keeps the type of its value; all others become a string.
 *
 * @throws Failed `step/value-unusable` for a hole without a value, or one that cannot stand in a text
 */
export function fill(text: Text, scope: Scope): Value {
  if (typeof text === 'string') return text;
  const [first] = text.template;
  if (text.template.length === 1 && first !== undefined && typeof first !== 'string')
    return evaluate(first.expression, scope);
  return text.template.map((piece) => (typeof piece === 'string' ? piece : fillHole(piece, scope))).join('');
}

/** {@link fill}; undefined where something in it has no value yet. */
export function tryFill(text: Text, scope: Scope): Value | undefined {
  try {
    return fill(text, scope);
  } catch (error) {
    if (error instanceof Failed) return undefined;
    throw error;
  }
}

/** {@link fill}, as the text that a script reads: numbers and truth values are written out. */
export function fillText(text: Text, scope: Scope): string {
  const value = fill(text, scope);
  const written = writeOut(value);
  if (written === undefined) throw unusable('fill a text', `${describe(value)} cannot stand in a text`);
  return written;
}

function fillHole(hole: Hole, scope: Scope): string {
  const value = evaluate(hole.expression, scope);
  const written = writeOut(value);
  if (written === undefined) throw unusable(`fill in ${hole.expression}`, `${describe(value)} cannot stand in a text`);
  return written;
}

/** A plain value as a piece of a text; undefined for lists, maps and nothing. */
export function writeOut(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** What a value is, for a message: never the value. */
export function describe(value: Value): string {
  if (value === null) return 'nothing';
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'a map'
      : typeof value === 'string'
        ? 'text'
        : `a ${typeof value}`;
}
