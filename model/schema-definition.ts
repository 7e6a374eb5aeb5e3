/** A definition of an attribute type or object class (RFC 4512, 4.1), read for comparing. */
export interface SchemaDefinition {
  /** Its number, and its names in small letters. */
  readonly oid: string;
  readonly names: readonly string[];
  /** Numbers and names of the definitions that it builds on, in small letters. */
  readonly needs: readonly string[];
  /** One text for all spellings: spaces, letter case outside descriptions, and servers' own extensions do not count. */
  readonly normal: string;
}

const token = /\s*(\(|\)|\$|'(?:[^'\\]|\\.)*'|[^\s()'$]+)/y;

/** Undefined where the text is no definition. A number in braces before it, as slapd orders values, is passed over. */
export function readDefinition(text: string): SchemaDefinition | undefined {
  const words = tokensOf(text.replace(/^\s*\{\d+\}/, ''));
  if (!words || words[0] !== '(' || words.at(-1) !== ')') return undefined;
  const fields = fieldsOf(words.slice(2, -1));
  const oid = words[1]?.toLowerCase();
  if (oid === undefined || !/^[a-z0-9][a-z0-9.-]*$/.test(oid) || !fields) return undefined;
  const names = (fields.get('NAME') ?? []).map((name) => name.toLowerCase().replaceAll("'", ''));
  const needs = ['SUP', 'MUST', 'MAY'].flatMap((field) => (fields.get(field) ?? []).map(lower));
  const normal = [...fields].map(([field, values]) => [field, field === 'DESC' ? values : values.map(lower)]);
  return {
    oid,
    names,
    needs,
    normal: JSON.stringify([oid, normal.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))]),
  };
}

function lower(value: string): string {
  return value.toLowerCase();
}

function tokensOf(text: string): string[] | undefined {
  const words: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const word = token.exec(text)?.[1];
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words;
}

/** Fields with their values; lists in brackets are read as their members. Extensions (`X-…`) are left out. */
function fieldsOf(words: readonly string[]): Map<string, string[]> | undefined {
  const fields = new Map<string, string[]>();
  for (let at = 0; at < words.length;) {
    const field = words[at]?.toUpperCase() ?? '';
    if (!/^[A-Z][A-Z-]*$/.test(field)) return undefined;
    const { values, next } = valuesAt(words, at + 1, flags.includes(field));
    if (!field.startsWith('X-')) fields.set(field, values);
    at = next;
  }
  return fields;
}

/** Words of a definition that have no value. */
const flags = ['OBSOLETE', 'SINGLE-VALUE', 'COLLECTIVE', 'NO-USER-MODIFICATION', 'ABSTRACT', 'STRUCTURAL', 'AUXILIARY'];

function valuesAt(words: readonly string[], at: number, flag: boolean): { values: string[]; next: number } {
  if (flag) return { values: [], next: at };
  if (words[at] !== '(') return { values: [words[at] ?? ''], next: at + 1 };
  const end = words.indexOf(')', at);
  const stop = end === -1 ? words.length : end;
  return { values: words.slice(at + 1, stop).filter((word) => word !== '$'), next: stop + 1 };
}
