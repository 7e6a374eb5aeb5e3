import type { Value } from '../value.js';

/** What the expression library works on: whole numbers as bigint, so that CEL sees integers and not doubles. */
export type Cel = string | number | bigint | boolean | null | readonly Cel[] | { readonly [name: string]: Cel };

/** Groups of many hosts are asked for every host; values never change, so they are converted once. */
const converted = new WeakMap<object, Cel>();

/** A plain value as the expression library reads it. */
export function toCel(value: Value): Cel {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const known = converted.get(value) ?? convert(value);
  converted.set(value, known);
  return known;
}

function convert(value: Extract<Value, object>): Cel {
  if (Array.isArray(value)) return value.map((item: Value) => toCel(item));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toCel(item as Value)]));
}

/** The plain value of what an expression came to; undefined where it has none (bytes, times, types). */
export function fromCel(value: unknown): Value | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  if (Array.isArray(value)) return listFrom(value);
  return isPlain(value) ? mapFrom(value) : undefined;
}

function listFrom(list: readonly unknown[]): Value | undefined {
  const items = list.map(fromCel);
  return items.some((item) => item === undefined) ? undefined : (items as Value[]);
}

function mapFrom(map: object): Value | undefined {
  const entries = Object.entries(map).map(([name, item]) => [name, fromCel(item)] as const);
  return entries.some(([, item]) => item === undefined)
    ? undefined
    : (Object.fromEntries(entries) as Record<string, Value>);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
