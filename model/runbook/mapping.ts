/** A mapping of a document as it was read, whether or not it is valid. */
export type Raw = Readonly<Record<string, unknown>>;

/** A plain mapping, or an empty one where something else stands. */
export function mapping(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

/** A plain list, or an empty one where something else stands. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
