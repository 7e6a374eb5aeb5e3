import { normalName } from '../../model/directory-name.js';
import type { LdapChange } from '../../model/operation.js';
import { readDefinition, type SchemaDefinition } from '../../model/schema-definition.js';
import type { Directory } from './directory.js';
import { seenThrough, type View, type Watched } from './entry-state.js';
import type { Intended, Intending } from './intend.js';
import { failed } from './target.js';

type SchemaChange = Extract<LdapChange, { how: 'schema' }>;

/** Where slapd keeps its schema, in one entry a file of old. */
const configured = normalName('cn=schema,cn=config') ?? '';

/**
 * The definitions that the schema lacks. One that is there otherwise is never touched, wherever it is defined.
 *
 * @throws Failed where something else has the number or a name of a definition
 */
export async function intendSchema(change: SchemaChange, directory: Directory, about: Intending): Promise<Intended> {
  const defined = (await directory.definitions()).flatMap((one) => readDefinition(one.toString('utf8')) ?? []);
  const lacking = (wanted: readonly string[]): Buffer[] =>
    wanted.filter((one) => !isDefined(one, defined, about)).map((one) => Buffer.from(one, 'utf8'));
  const entry = await placeOf(directory, about);
  const prefix = entry === undefined ? '' : 'olc';
  const named = (name: string): string => (prefix === '' ? `${name[0]?.toLowerCase()}${name.slice(1)}` : prefix + name);
  const watched = (name: string, wanted: readonly string[]): Watched[] => {
    const known = lacking(wanted);
    return known.length === 0 ? [] : [{ name: named(name), whole: false, known, definitions: true }];
  };
  const view = [...watched('AttributeTypes', change.attributeTypes), ...watched('ObjectClasses', change.objectClasses)];
  const intended = new Map(view.map(({ name, known }) => [name.toLowerCase(), known]));
  const nothing = { entry: true, values: new Map<string, Buffer[]>(), names: new Map<string, string>() };
  const before = await seenThrough(view, nothing, directory.equal);
  return { view, before, intended, ...(entry === undefined ? {} : { entry }) };
}

function isDefined(wanted: string, defined: readonly SchemaDefinition[], { tried }: Intending): boolean {
  const own = readDefinition(wanted);
  const names = [own?.oid, ...(own?.names ?? [])];
  const other = defined.filter((one) => [one.oid, ...one.names].some((name) => names.includes(name)));
  const different = other.find(({ normal }) => normal !== own?.normal);
  if (different === undefined) return other.length > 0;
  throw failed(
    'step/refused',
    tried,
    `the schema defines ${[different.oid, ...different.names].join(', ')} otherwise; nothing was changed`,
    'compare the definitions; use another number and name, or change the schema by hand',
  );
}

/** The schema entry of slapd under its real name; undefined for servers that keep the schema in one entry. */
async function placeOf(directory: Directory, { target, tried }: Intending): Promise<string | undefined> {
  const [, own, below] = /^\s*cn\s*=\s*(?:\{\d+\})?([^,+]+?)\s*,\s*(.*)$/i.exec(target.entry) ?? [];
  if (own === undefined || below === undefined || normalName(below.toLowerCase()) !== configured) return undefined;
  const entry = await directory.numbered(own, below);
  if (entry !== undefined) return entry;
  throw failed(
    'ldap/no-entry',
    tried,
    `there is no ${target.entry}; nothing was changed`,
    'make it once by hand (objectClass: olcSchemaConfig); slapd could not take it away again, so Belay does not make it',
  );
}

/** Definitions that build on those of a view and are none of them: without these they would have no meaning. */
export async function builtUpon(view: View, directory: Directory): Promise<string[]> {
  const read = (values: readonly Buffer[]): SchemaDefinition[] =>
    values.flatMap((one) => readDefinition(one.toString('utf8')) ?? []);
  const own = read(view.flatMap(({ definitions, known }) => (definitions ? known : [])));
  const going = own.flatMap(({ oid, names }) => [oid, ...names]);
  const others = read(await directory.definitions()).filter(({ oid }) => !own.some((one) => one.oid === oid));
  return others
    .filter(({ needs }) => needs.some((one) => going.includes(one)))
    .map(({ oid, names }) => names[0] ?? oid);
}
