// cspell:ignore usercertificate changetype
import { prototypeNames } from '../types/value-type.js';
import { Unreadable } from './unreadable.js';

/** One entry of a directory. Attributes are named in small letters, with their options, as `usercertificate;binary`. */
type LdifEntry = {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
};

interface Line {
  readonly text: string;
  readonly number: number;
}

/**
 * Entries as LDIF (RFC 2849) has them: folded lines are joined, comments and `version:` left out, base64 is decoded.
 * Changes, values by URL, and values that are not UTF-8 text are refused.
 *
 * @throws Unreadable
 */
export function readLdif(text: string): LdifEntry[] {
  const entries: Line[][] = [[]];
  for (const line of unfolded(text)) {
    if (line.text === '') entries.push([]);
    else if (!/^version:/i.test(line.text) || (entries.at(-1)?.length ?? 0) > 0 || entries.length > 1)
      entries.at(-1)?.push(line);
  }
  return entries.filter((lines) => lines.length > 0).map(entryOf);
}

/** Lines that begin with a space go on with the one before; comments too, which are then dropped. */
function unfolded(text: string): Line[] {
  const lines: Line[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const last = lines.at(-1);
    if (raw.startsWith(' ')) {
      if (last === undefined || last.text === '')
        throw new Unreadable(`line ${index + 1}`, 'it goes on with a line that is not there');
      lines[lines.length - 1] = { ...last, text: last.text + raw.slice(1) };
    } else lines.push({ text: raw, number: index + 1 });
  }
  return lines.filter((line) => !line.text.startsWith('#'));
}

function entryOf(lines: readonly Line[]): LdifEntry {
  const [first, ...rest] = lines.map(pairOf);
  if (first?.name !== 'dn')
    throw new Unreadable(
      `line ${lines[0]?.number ?? 0}`,
      'an entry begins with "dn:" (ldapsearch writes no more with -LLL)',
    );
  const attributes = new Map<string, string[]>();
  for (const { name, value, number } of rest) {
    if (name === 'changetype') throw new Unreadable(`line ${number}`, 'this is a change and no entry');
    if (prototypeNames.includes(name)) throw new Unreadable(`line ${number}`, 'no attribute may be called so');
    attributes.set(name, [...(attributes.get(name) ?? []), value]);
  }
  return { dn: first.value, attributes: Object.fromEntries(attributes) };
}

function pairOf({ text, number }: Line): { readonly name: string; readonly value: string; readonly number: number } {
  const [, name, mark, value = ''] = /^([A-Za-z0-9][A-Za-z0-9.;_-]*):([:<]?) *([^]*)$/.exec(text) ?? [];
  if (name === undefined) throw new Unreadable(`line ${number}`, 'there is no attribute before a ":"');
  if (mark === '<') throw new Unreadable(`line ${number}`, 'its value stands elsewhere, and is not fetched');
  return { name: name.toLowerCase(), value: mark === ':' ? decoded(value.trimEnd(), number) : value, number };
}

function decoded(base64: string, number: number): string {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unreadable(`line ${number}`, 'its value is no UTF-8 text in base64');
  }
}
