import { parse } from 'yaml';
import type { Value } from '../value.js';

/**
 * A value as it may stand anywhere in YAML: plain where YAML 1.1 and 1.2 agree on what is meant, else in quotes or
 * in JSON's own spelling, which is YAML too. `quote` is how the value that it replaces was quoted.
 */
export function spell(value: Value, quote: 'plain' | 'single' | 'double' = 'plain'): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (quote === 'plain' && meansItself(value)) return value;
  if (quote === 'single' && /^[\x20-\x7e]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value).replace(/[\u0080-\u009f\u2028\u2029\uFEFF]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Whether a text without quotes is read as this text by readers of either version, also inside brackets. */
function meansItself(text: string): boolean {
  if (!/^[A-Za-z0-9_./@+-](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?$/.test(text) || text.startsWith('-')) return false;
  // "y" and "n" are truth values to some readers of 1.1 that this library is not.
  if (/^[yn]$/i.test(text) || /^[\d+.]/.test(text)) return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text);
  return ['1.1', '1.2'].every((version) => parse(text, { version: version as '1.1' | '1.2' }) === text);
}
