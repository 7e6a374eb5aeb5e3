/** One `type=value` of a distinguished name, the value without its escapes. */
export interface NamePart {
  readonly type: string;
  readonly value: string;
}

const typePattern = /\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=\s*/y;

/**
 * The relative names of a distinguished name (RFC 4514; quotes and `;` of RFC 2253 too), the entry's own first.
 * Undefined where the text is none.
 */
export function readName(text: string): readonly (readonly NamePart[])[] | undefined {
  if (text.trim() === '') return [];
  const names: NamePart[][] = [[]];
  for (let at = 0; ;) {
    typePattern.lastIndex = at;
    const type = typePattern.exec(text)?.[1];
    const read = type === undefined ? undefined : readValue(text, typePattern.lastIndex);
    if (type === undefined || read === undefined) return undefined;
    names.at(-1)?.push({ type, value: read.value });
    if (read.end >= text.length) return names;
    if (text[read.end] !== '+') names.push([]);
    at = read.end + 1;
  }
}

/**
 * One text for all spellings of a name: types in small letters, no spaces around separators, escapes undone. The
 * letters of values stay as they are. Undefined where the text is no name.
 */
export function normalName(text: string): string | undefined {
  const spelled = ({ type, value }: NamePart): string => JSON.stringify([type.toLowerCase(), value]);
  return readName(text)
    ?.map((parts) => parts.map(spelled).sort().join('+'))
    .join(',');
}

function readValue(text: string, start: number): { readonly value: string; readonly end: number } | undefined {
  const quoted = text[start] === '"';
  const end = quoted ? endOfQuote(text, start + 1) : endOfPlain(text, start);
  if (end === undefined) return undefined;
  const value = unescaped(text.slice(quoted ? start + 1 : start, end), !quoted);
  if (value === undefined) return undefined;
  if (!quoted) return { value, end };
  const after = /\s*/y;
  after.lastIndex = end + 1;
  after.exec(text);
  const next = text[after.lastIndex];
  return next === undefined || /[,;+]/.test(next) ? { value, end: after.lastIndex } : undefined;
}

function endOfQuote(text: string, start: number): number | undefined {
  for (let at = start; at < text.length; at += text[at] === '\\' ? 2 : 1) if (text[at] === '"') return at;
  return undefined;
}

/** Up to the next separator; characters that must be escaped may not stand there bare. */
function endOfPlain(text: string, start: number): number | undefined {
  for (let at = start; at < text.length; at += text[at] === '\\' ? 2 : 1) {
    if (/[,;+]/.test(text[at] ?? '')) return at;
    if (/["<>\0]/.test(text[at] ?? '')) return undefined;
  }
  return text.length;
}

const escape = /((?:\\[0-9A-Fa-f]{2})+)|\\([ "#+,;<=>\\])|(\\)/g;

/** Undefined where an escape is none, or its bytes are no UTF-8. */
function unescaped(raw: string, trimEnd: boolean): string | undefined {
  const text = trimEnd ? raw.replace(/(?<!\\)((?:\\\\)*) +$/, '$1') : raw;
  let broken = false;
  const value = text.replace(escape, (_all, hex: string | undefined, character: string | undefined) => {
    if (hex === undefined) broken ||= character === undefined;
    const decoded = hex === undefined ? character : utf8(hex);
    broken ||= decoded === undefined;
    return decoded ?? '';
  });
  return broken ? undefined : value;
}

function utf8(escapes: string): string | undefined {
  const bytes = Uint8Array.from(escapes.split('\\').slice(1), (pair) => parseInt(pair, 16));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** One name for all spellings of an attribute: small letters, options sorted, without the transfer option `binary`. */
export function attributeKey(name: string): string {
  const [base = '', ...options] = name.toLowerCase().split(';');
  return [base, ...options.filter((option) => option !== 'binary').sort()].join(';');
}
