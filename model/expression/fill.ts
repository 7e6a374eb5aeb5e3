import type { Text, Value } from '../value.js';
import type { Scope } from './scope.js';

/**
 * Fills the holes of `text`. A text that is one whole hole keeps the type of its value; all others become a string.
 *
 * @throws Failed `step/value-unusable` for a hole without a value, or one that cannot stand in a text
 */
export function fill(_text: Text, _scope: Scope): Value {
  throw new Error('the expressions are being written');
}

/** {@link fill}, as the text that a script reads: numbers and truth values are written out. */
export function fillText(_text: Text, _scope: Scope): string {
  throw new Error('the expressions are being written');
}
