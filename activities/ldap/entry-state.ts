import { attributeKey, normalName } from '../../model/directory-name.js';
import { readDefinition } from '../../model/schema-definition.js';

/** One attribute that a change is about. */
export interface Watched {
  /** As it is asked for. */
  readonly name: string;
  /** Whether all of its values count, or only the known ones. */
  readonly whole: boolean;
  /** The values before and after, spelled as they are read or sent. */
  readonly known: readonly Buffer[];
  /** Where values are definitions of a schema, which servers spell anew. */
  readonly definitions?: true;
}

/** What of an entry a change is about. Other attributes, and other values, are nobody's business here. */
export type View = readonly Watched[];

/** Values by attribute key. Their order says nothing. */
export type Values = ReadonlyMap<string, readonly Buffer[]>;

/** What is there, as far as a view sees it. */
export type State = Values | 'absent';

/** What a server shows of an entry. */
export interface Present {
  /** False where the entry itself is not there. */
  readonly entry: boolean;
  readonly values: Values;
  /** Attributes as the server names them, by key: some must be sent with their option `binary`. */
  readonly names: ReadonlyMap<string, string>;
  /** The entry's change number, where the server shows one and lets it be asserted. */
  readonly change?: string;
}

/** Whether the server takes one of the attribute's values for equal to this one; undefined where it cannot say. */
export type Equal = (name: string, value: Buffer) => Promise<boolean | undefined>;

/**
 * What is there in the words of a view: bytes first, and where they differ, equality is the server's. Only it knows
 * the matching rule, and it may have stored a value in a spelling of its own.
 */
export async function seenThrough(view: View, present: Present, equal: Equal): Promise<State> {
  if (!present.entry) return 'absent';
  const seen = new Map<string, readonly Buffer[]>();
  for (const watched of view) {
    const there = present.values.get(attributeKey(watched.name)) ?? [];
    const look = watched.definitions ? definitionsOf : watched.whole ? wholeOf : membersOf;
    seen.set(attributeKey(watched.name), await look(watched, there, equal));
  }
  return seen;
}

async function membersOf({ name, known }: Watched, there: readonly Buffer[], equal: Equal): Promise<Buffer[]> {
  const members: Buffer[] = [];
  for (const value of known) if (holds(there, value) || (await equal(name, value)) === true) members.push(value);
  return members;
}

async function definitionsOf({ known }: Watched, there: readonly Buffer[]): Promise<Buffer[]> {
  return known.filter((value) => storedDefinition(value, there) !== undefined);
}

/** The same definition as a server spells it. */
export function storedDefinition(value: Buffer, there: readonly Buffer[]): Buffer | undefined {
  const normal = readDefinition(value.toString('utf8'))?.normal;
  return there.find((one) => normal !== undefined && readDefinition(one.toString('utf8'))?.normal === normal);
}

/** A name may be stored in another spelling than it was sent in; any other difference in bytes is one. */
async function wholeOf({ name, known }: Watched, there: readonly Buffer[], equal: Equal): Promise<Buffer[]> {
  const values: Buffer[] = [];
  for (const value of there) {
    const spelled = holds(known, value) ? undefined : known.find((one) => isSameName(one, value));
    values.push(spelled !== undefined && (await equal(name, spelled)) === true ? spelled : value);
  }
  return values;
}

function isSameName(one: Buffer, other: Buffer): boolean {
  const name = normalName(one.toString('utf8'));
  return name !== undefined && name !== '' && name === normalName(other.toString('utf8'));
}

/** The stored spelling of a value that the server takes for equal; undefined where none looks like it. */
export function spellingOf(value: Buffer, there: readonly Buffer[]): Buffer | undefined {
  return there.find((one) => one.equals(value)) ?? there.find((one) => loosely(one) === loosely(value));
}

/** What the usual matching rules pass over: case, spaces, and hyphens of telephone numbers. */
function loosely(value: Buffer): string {
  const text = value.toString('utf8');
  return (normalName(text) ?? text).normalize('NFKC').toLowerCase().replaceAll(/[\s-]/g, '');
}

export function sameState(one: State, other: State): boolean {
  if (one === 'absent' || other === 'absent') return one === other;
  const keys = new Set([...one.keys(), ...other.keys()]);
  return [...keys].every((key) => sameValues(one.get(key) ?? [], other.get(key) ?? []));
}

function sameValues(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  return one.length === other.length && one.every((value) => holds(other, value));
}

export function holds(values: readonly Buffer[], value: Buffer): boolean {
  return values.some((one) => one.equals(value));
}

/** Attributes of the entry that a view does not see: work of others, where the entry is to go. */
export function beyond(view: View, present: Present): string[] {
  const seen = view.map(({ name }) => attributeKey(name));
  return [...present.values].flatMap(([key, values]) => (values.length > 0 && !seen.includes(key) ? [key] : []));
}
