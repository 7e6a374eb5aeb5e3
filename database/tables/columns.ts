import type { EntitySchemaColumnOptions } from 'typeorm';

/** The few sorts of columns that Belay's tables are made of. */
export const text: EntitySchemaColumnOptions = { type: 'text' };
export const truth: EntitySchemaColumnOptions = { type: 'boolean' };
export const integer: EntitySchemaColumnOptions = { type: 'integer' };
/** Read as a number: none of ours reaches 2⁵³. */
export const bigint: EntitySchemaColumnOptions = { type: 'bigint' };
export const bytes: EntitySchemaColumnOptions = { type: 'bytea' };
export const json: EntitySchemaColumnOptions = { type: 'jsonb' };
export const time: EntitySchemaColumnOptions = { type: 'timestamptz' };
export const now: EntitySchemaColumnOptions = { ...time, default: () => 'now()' };

export function nullable(column: EntitySchemaColumnOptions): EntitySchemaColumnOptions {
  return { ...column, nullable: true };
}

/** A part of the primary key, whose constraint is called `name`. */
export function key(column: EntitySchemaColumnOptions, name: string): EntitySchemaColumnOptions {
  return { ...column, primary: true, primaryKeyConstraintName: name };
}

/** A column that refers to one column of another table. */
export function refers(name: string, target: string, columns: readonly string[], to: readonly string[] = columns) {
  return { name, target, columnNames: [...columns], referencedColumnNames: [...to] };
}
