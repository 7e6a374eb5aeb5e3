import type { Sha256 } from '../compile/hash.js';
import type { Bytes, TransformArgument } from '../operation.js';
import { display, type Template, type Text } from '../value.js';
import { counted, quoted } from './layout.js';

/** Lines of a content that are shown whole; of a longer one its beginning is. */
const whole = 60;
const beginning = 20;

/** A piece of data on one line: holes as they were written, anything that could be misread in quotes. */
export function word(text: Text): string {
  const shown = display(text);
  return typeof text === 'string' && /^[\w@%+=:,./-]+$/.test(text) ? text : JSON.stringify(shown);
}

/** Arguments of a transform on as many lines as they need. */
export function argument(value: TransformArgument): string {
  if (typeof value === 'string' || isTemplate(value)) return word(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(argument).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([name, inner]) => `${name}: ${argument(inner as TransformArgument)}`)
    .join(', ')} }`;
}

export function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && Array.isArray((value as Template).template);
}

/** What a script reads on standard input: size, digest, and the text where it is one. */
export function content(stdin: Text | Bytes, sha256: Sha256 | undefined): string[] {
  if (typeof stdin === 'object' && 'base64' in stdin) return fileContent(stdin, sha256);
  const shown = display(stdin);
  const known = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : undefined;
  return [known === undefined ? 'text with values filled in by the run' : measure(known, sha256), ...excerpt(shown)];
}

function fileContent({ base64 }: Bytes, sha256: Sha256 | undefined): string[] {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return [`file beside the runbook, ${measure(bytes, sha256)}`, ...excerpt(textOf(bytes))];
}

function measure(bytes: Uint8Array, sha256: Sha256 | undefined): string {
  return `${counted(bytes.length, 'byte')}${sha256 === undefined ? '' : `, SHA-256 ${sha256(bytes)}`}`;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function excerpt(text: string | undefined): string[] {
  if (text === undefined) return ['(no text)'];
  const lines = quoted(text);
  if (lines.length <= whole) return lines;
  return [...lines.slice(0, beginning), `… ${counted(lines.length - beginning, 'more line')}`];
}
