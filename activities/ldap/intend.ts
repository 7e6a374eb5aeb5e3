// cspell:words objectclass
import { attributeKey, readName } from '../../model/directory-name.js';
import type { LdapAttributes, LdapChange } from '../../model/operation.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import type { Directory } from './directory.js';
import {
  holds,
  seenThrough,
  spellingOf,
  type Present,
  type State,
  type Values,
  type View,
  type Watched,
} from './entry-state.js';
import { intendJson } from './intend-json.js';
import { intendSchema } from './intend-schema.js';
import type { LdapNeeds } from './needs.js';
import { failed, type Target } from './target.js';

/** What a change is about, what it found, and what it will leave. */
export interface Intended {
  readonly view: View;
  readonly before: State;
  readonly intended: State;
  /** The entry, where the server calls it by another name than the step does. */
  readonly entry?: string;
}

/** What working out a change needs to know. */
export interface Intending {
  readonly needs: Pick<LdapNeeds, 'setInJson'>;
  readonly target: Target;
  readonly values: AwayValues;
  /** What is being done, for failures. */
  readonly tried: string;
}

/**
 * Reads the entry and works out what shall be there.
 *
 * @throws Failed where what is there cannot be brought to what is wanted; nothing was changed
 */
export async function intend(
  change: Exclude<LdapChange, { how: 'marker' | 'search' }>,
  directory: Directory,
  about: Intending,
): Promise<Intended> {
  switch (change.how) {
    case 'json':
      return intendJson(change, await directory.read([change.attribute]), about);
    case 'values':
      return intendValues(change, directory, about);
    case 'schema':
      return intendSchema(change, directory, about);
    case 'present':
      return intendPresent(change.attributes, directory, about);
    case 'absent':
      return intendAbsent(await directory.read());
  }
}

async function intendValues(
  change: Extract<LdapChange, { how: 'values' }>,
  directory: Directory,
  about: Intending,
): Promise<Intended> {
  const set = wanted(change.set, about).map((one) => ({ ...one, whole: true }));
  const add = wanted(change.add, about);
  const names = [change.set, change.add, change.remove].flatMap((one) => Object.keys(one));
  const present = underTheirNames(names, await directory.read(names), about);
  if (!present.entry)
    throw failed('ldap/no-entry', about.tried, 'there is no such entry; nothing was changed', lookAtEntry);
  const remove = await asStored(wanted(change.remove, about), present, directory, about);
  const view = together([...set, ...add, ...remove]);
  const before = await seenThrough(view, present, directory.equal);
  const after = new Map(before === 'absent' ? [] : before);
  for (const { name, known } of set) after.set(attributeKey(name), known);
  for (const { name, known } of remove) update(after, name, (there) => there.filter((one) => !holds(known, one)));
  for (const { name, known } of add)
    update(after, name, (there) => [...there, ...known.filter((one) => !holds(there, one))]);
  return { view, before, intended: after };
}

function update(
  values: Map<string, readonly Buffer[]>,
  name: string,
  to: (there: readonly Buffer[]) => Buffer[],
): void {
  values.set(attributeKey(name), to(values.get(attributeKey(name)) ?? []));
}

/** Values to remove in the spelling in which they are stored, so that undo puts back exactly what was there. */
async function asStored(
  remove: readonly Watched[],
  present: Present,
  { equal }: Directory,
  { tried }: Intending,
): Promise<Watched[]> {
  const spelled = async ({ name }: Watched, value: Buffer): Promise<Buffer> => {
    const there = present.values.get(attributeKey(name)) ?? [];
    if (holds(there, value) || (await equal(name, value)) !== true) return value;
    const stored = spellingOf(value, there);
    if (stored) return stored;
    const known = `the server takes a value of ${name} for equal to one that is to go, and it is spelled otherwise`;
    throw failed('step/refused', tried, `${known}; nothing was changed`, 'write the value as the server shows it');
  };
  return Promise.all(
    remove.map(async (one) => ({ ...one, known: await oneByOne(one.known, async (value) => spelled(one, value)) })),
  );
}

async function oneByOne<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

/** One view of an attribute that has values to add and values to remove. */
function together(parts: readonly Watched[]): View {
  const view = new Map<string, Watched>();
  for (const part of parts) {
    const before = view.get(attributeKey(part.name))?.known ?? [];
    const known = [...before, ...part.known.filter((value) => !holds(before, value))];
    view.set(attributeKey(part.name), { ...part, known });
  }
  return [...view.values()];
}

async function intendPresent(wantedOf: LdapAttributes, directory: Directory, about: Intending): Promise<Intended> {
  const own = ownName(about.target);
  const shared = ['objectclass', ...own.keys()];
  const given = wanted(wantedOf, about).map((one) => ({ ...one, whole: !shared.includes(attributeKey(one.name)) }));
  const naming = [...own].map(([key, value]): Watched => ({ name: key, whole: false, known: [value] }));
  const view = together([...given, ...naming]);
  const names = view.map(({ name }) => name);
  const present = underTheirNames(names, await directory.read(names), about);
  const intended: Values = new Map(view.map(({ name, known }) => [attributeKey(name), known]));
  return { view, before: await seenThrough(view, present, directory.equal), intended };
}

/** The values that an entry has by its name: servers want them among its attributes. */
function ownName({ entry }: Target): Map<string, Buffer> {
  const [own = []] = readName(entry) ?? [];
  return new Map(own.map(({ type, value }) => [attributeKey(type), Buffer.from(value, 'utf8')]));
}

function intendAbsent({ entry, values, names }: Present): Intended {
  const view = [...values].flatMap(([key, known]) =>
    known.length > 0 ? [{ name: names.get(key) ?? key, whole: true, known }] : [],
  );
  return { view, before: entry ? values : 'absent', intended: 'absent' };
}

/** Attributes with their values filled in. */
function wanted(attributes: LdapAttributes, { values, target, tried }: Intending): Watched[] {
  return Object.entries(attributes).map(([name, list]) => {
    const known = list.map((value) =>
      typeof value === 'object' && 'base64' in value
        ? Buffer.from(value.base64, 'base64')
        : Buffer.from(values.fill(value).value, 'utf8'),
    );
    if (known.some((value) => value.length === 0))
      throw failed(
        'step/value-unusable',
        tried,
        `a value of ${name} of ${target.entry} is empty`,
        'correct the inputs',
      );
    return {
      name,
      whole: false,
      known: known.filter((value, index) => known.findIndex((one) => one.equals(value)) === index),
    };
  });
}

/** An attribute that is asked for by another of its names would seem to have no values. */
function underTheirNames(names: readonly string[], present: Present, { tried }: Intending): Present {
  const base = (name: string): string => name.split(';')[0]?.toLowerCase() ?? '';
  const asked = names.map(base);
  const stray = [...present.values].flatMap(([key, { length }]) =>
    length > 0 && !asked.includes(base(key)) ? [key] : [],
  );
  if (stray.length === 0) return present;
  throw failed(
    'step/refused',
    tried,
    `of ${names.join(', ')} the server shows ${stray.join(', ')} under that name; nothing was changed`,
    'name attributes as the server does',
  );
}

const lookAtEntry = 'correct entry and attribute, and see what the login may read';
