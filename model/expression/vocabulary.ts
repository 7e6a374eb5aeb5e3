import type { Environment } from '@marcbachmann/cel-js';
import type { ExpressionType } from '../types/expression-type.js';
import { bareEnvironment } from './parse.js';
import type { LateNames } from './sees.js';

/** Every name that the expressions of one runbook can use. */
export interface Vocabulary {
  readonly param: ReadonlyMap<string, ExpressionType>;
  /** Of these, those that only the run knows; absent where there are none. */
  readonly late?: LateNames;
  readonly groups: readonly string[];
  readonly secret: ReadonlyMap<string, 'text' | 'authority'>;
  /** By step id, what it registers, as `steps` tells it. */
  readonly steps: ReadonlyMap<string, ReadonlyMap<string, ExpressionType>>;
  /** The same as each host's record in `every` tells it: of one repetition where its phase is repeated. */
  readonly every: ReadonlyMap<string, ReadonlyMap<string, ExpressionType>>;
  /** Values that hosts have; undefined where no inventory was given. */
  readonly hostValues: readonly string[] | undefined;
}

export const authorityParts = ['certificate', 'key'] as const;

/**
 * An environment in which the names of a vocabulary have their types.
 *
 * @param each - the type of the entry, in a step that is repeated
 */
export function typedEnvironment(vocabulary: Vocabulary, each: ExpressionType = 'dyn'): Environment {
  const { param, groups, secret, steps, every } = vocabulary;
  const environment = bareEnvironment();
  const named = typeNames(environment);
  const authority = Object.fromEntries(authorityParts.map((part) => [part, 'string']));
  const schemaOf = (names: ReadonlyMap<string, ExpressionType>): Record<string, string> =>
    Object.fromEntries([...names].map(([name, type]) => [name, named(type)]));
  return environment
    .registerVariable('param', { schema: schemaOf(param) })
    .registerVariable('each', { schema: { value: named(each), index: 'int' } })
    .registerVariable('host', 'map<string, dyn>')
    .registerVariable('groups', {
      schema: Object.fromEntries(groups.map((group) => [group, 'list<map<string, dyn>>'])),
    })
    .registerVariable('steps', {
      schema: Object.fromEntries([...steps].map(([id, names]) => [id, schemaOf(names)])),
    })
    .registerVariable('every', {
      schema: Object.fromEntries([...every].map(([id, names]) => [id, named({ list: ofHost(names) })])),
    })
    .registerVariable('secret', {
      schema: Object.fromEntries([...secret].map(([name, kind]) => [name, kind === 'text' ? 'string' : authority])),
    });
}

/** What one host registered, with its name. */
function ofHost(names: ReadonlyMap<string, ExpressionType>): ExpressionType {
  return { fields: { ...Object.fromEntries(names), host: 'string' } };
}

/** How the types of records are called in an environment; the number keeps them apart. */
export const recordName = /^Record\d+$/;

/** Names types for an environment. A record becomes a type of its own, so that a misspelt field is found. */
function typeNames(environment: Environment): (type: ExpressionType) => string {
  const records = new Map<string, string>();
  const named = (type: ExpressionType): string => {
    if (typeof type === 'string') return type;
    if ('list' in type) return `list<${named(type.list)}>`;
    if ('map' in type) return `map<string, ${named(type.map)}>`;
    const schema = Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, named(field)]));
    const key = JSON.stringify(schema);
    const known = records.get(key) ?? `Record${records.size + 1}`;
    if (!records.has(key)) environment.registerType(known, { schema });
    records.set(key, known);
    return known;
  };
  return named;
}

/** Every field that a record of this vocabulary has, for advice. */
export function fieldNames({ param, steps }: Vocabulary): string[] {
  const types = [...param.values(), ...[...steps.values()].flatMap((names) => [...names.values()])];
  const registered = [...steps.values()].flatMap((names) => [...names.keys()]);
  return [...new Set([...types.flatMap(fieldsBelow), ...registered])];
}

function fieldsBelow(type: ExpressionType): string[] {
  if (typeof type === 'string') return [];
  if ('list' in type) return fieldsBelow(type.list);
  if ('map' in type) return fieldsBelow(type.map);
  return Object.entries(type.fields).flatMap(([name, field]) => [name, ...fieldsBelow(field)]);
}
