import type { Value } from '../value.js';

/** The type of a value as its author declares it: of a parameter, or of what a step registers. */
export type ValueType = ScalarType | ListType | MapType;

export type ScalarType =
  | { readonly type: 'text'; readonly pattern?: string | undefined }
  | { readonly type: 'integer' | 'number'; readonly min?: number | undefined; readonly max?: number | undefined }
  | { readonly type: 'boolean' | 'port' | 'fqdn' | 'address' | 'duration' | 'size' }
  | { readonly type: 'choice'; readonly choices: readonly string[] };

export interface ListType {
  readonly type: 'list';
  readonly of: ValueType;
  /** Entries. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly unique?: boolean | undefined;
}

/** Any keys with values of one type (`of`), or a record of named fields (`fields`). */
export interface MapType {
  readonly type: 'map';
  readonly of?: ValueType | undefined;
  /** RE2 pattern that every key must match as a whole. */
  readonly keys?: string | undefined;
  /** Entries. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly fields?: Readonly<Record<string, Parameter>> | undefined;
}

/** An input of a runbook, or a field of a record: its type, its default, and help for whoever is asked. */
export type Parameter = ValueType & {
  readonly default?: Value | undefined;
  readonly help?: string | undefined;
  readonly required?: boolean | undefined;
};

/** What a value may hold at most. */
export const valueLimits = {
  /** Types inside one another. */
  depth: 5,
  /** Fields of a record. */
  fields: 50,
  /** Entries of a list or map, where its author does not say. */
  entries: 1000,
  /** UTF-16 units of a value as JSON, and of one text. */
  length: 65_536,
} as const;

/** Names that mean something else in JavaScript; no key of a map may be one of them. */
export const prototypeNames: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Visits a type and all types inside it, with where each stands below it. */
export function walkType(
  type: Parameter,
  visit: (type: Parameter, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  visit(type, path);
  if (type.type !== 'list' && type.type !== 'map') return;
  if (type.of !== undefined) walkType(type.of, visit, [...path, 'of']);
  if (type.type === 'map')
    for (const [name, field] of Object.entries(type.fields ?? {})) walkType(field, visit, [...path, 'fields', name]);
}
