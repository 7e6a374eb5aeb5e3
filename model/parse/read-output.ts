import { accept } from '../types/accept.js';
import type { ValueType } from '../types/value-type.js';
import type { Value } from '../value.js';
import { readFormat, type Parsing } from './formats.js';
import { Unreadable } from './unreadable.js';

/** UTF-16 units of output that may be parsed; the value that comes of it is smaller still. */
export const parseLimit = 262_144;

/**
 * Output as a typed value, or why it is none: where the output is not of its format by line and column, where a
 * value is not of its type by JSON pointer into what was read. Neither holds a value.
 */
export function readOutput(
  text: string,
  parsing: Parsing,
  type: ValueType,
): { readonly value: Value } | { readonly problem: string } {
  if (text.length > parseLimit) return { problem: `it is larger than ${parseLimit / 1024} KiB` };
  if (text.includes('\0')) return { problem: 'it holds a NUL character' };
  try {
    const accepted = accept(type, readFormat(text, parsing), 'output');
    if ('value' in accepted) return accepted;
    const [first] = accepted.mistakes;
    const pointer = (first?.path ?? []).map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`);
    return { problem: `${parsing.at ?? ''}${pointer.join('')}: ${first?.problem ?? ''}`.replace(/^: /, '') };
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message };
    throw error;
  }
}
