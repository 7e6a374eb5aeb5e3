import { JsonTextError } from '../transforms/json-tree.js';
import { readPointer } from '../transforms/json-text.js';
import type { Value } from '../value.js';
import { readLdif } from './ldif.js';
import { readProperties } from './properties.js';
import { readTable } from './table.js';
import { linesOf, placeAt, Unreadable } from './unreadable.js';

/** What output may be read as. */
export const formats = ['json', 'lines', 'tsv', 'properties', 'ldif'] as const;
export type Format = (typeof formats)[number];

/** How output is read. */
export interface Parsing {
  readonly format: Format;
  /** json: pointer (RFC 6901) to the part that is wanted. */
  readonly at?: string;
  /** tsv: names of its columns; its first line where absent. */
  readonly columns?: readonly string[];
}

/**
 * Reads output as the format says, before it has its declared type.
 *
 * @throws Unreadable with the place of the first thing that does not belong there
 */
export function readFormat(text: string, { format, at = '', columns }: Parsing): Value {
  switch (format) {
    case 'json':
      return readJson(text, at);
    case 'lines':
      return linesOf(text).filter((line) => line !== '');
    case 'tsv':
      return readTable(text, columns);
    case 'properties':
      return readProperties(text);
    case 'ldif':
      return readLdif(text);
  }
}

function readJson(text: string, at: string): Value {
  let value: Value | undefined;
  try {
    value = readPointer(text, at);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    const place = error.offset === undefined ? '' : placeAt(text, error.offset);
    throw new Unreadable(place, error.message.replace(/ \(character \d+\)$/, ''));
  }
  if (value === undefined) throw new Unreadable('', `the JSON text has nothing at ${at}`);
  return value;
}
