import type { Register } from '../plan.js';
import type { Value } from '../value.js';
import { readOutput } from './read-output.js';

/** UTF-16 units of output that may be registered as one text. */
const registerLimit = 65_536;

/** What a rule makes of output, or why that cannot be; undefined where the text is none of its type. */
export function readRegistered(
  { parse, value, ...rule }: Register,
  output: string,
): { readonly value: Value | undefined } | { readonly problem: string } {
  return parse === undefined || value === undefined ? { value: typed(rule, output) } : readOutput(output, parse, value);
}

function typed(rule: Register, raw: string): Value | undefined {
  if (raw.length > registerLimit || raw.includes('\0')) return undefined;
  const text = rule.trim ? raw.trim() : raw;
  if (rule.type === 'integer') return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
  if (rule.type === 'boolean') return text.trim() === 'true' ? true : text.trim() === 'false' ? false : undefined;
  return text;
}
