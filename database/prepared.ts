import { createHash } from 'node:crypto';
import pg from 'pg';

/** Postgres' word for a prepared statement whose tables have changed since: it must be prepared anew. */
const outdated = '0A000';

/** Whether a statement failed only because it was prepared before a migration; a second try prepares it anew. */
export function meansPlanOutdated(error: unknown): boolean {
  return (error as { driverError?: { code?: string } }).driverError?.code === outdated;
}

/** Counted up when tables have changed: no connection of this process uses what it has prepared before. */
let generation = 0;
const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text) ?? createHash('sha256').update(text).digest('base64url').slice(0, 22);
  names.set(text, known);
  return `${generation}-${known}`;
}

/**
 * A connection that prepares each statement with parameters once. Planning most of ours costs more than carrying them
 * out, and a step takes some twenty.
 */
export class PreparingClient extends pg.Client {
  // TypeORM asks in this one form; every other form of the driver stays as it is.
  override query = ((...words: [unknown, unknown[]?, ...unknown[]]): unknown => {
    const [text, values, ...rest] = words;
    const query = super.query.bind(this) as (...all: unknown[]) => unknown;
    if (typeof text !== 'string' || !values || values.length === 0 || rest.length > 0) return query(...words);
    return (query({ name: nameOf(text), text, values }) as Promise<unknown>).catch((error: unknown) => {
      if ((error as { code?: string }).code === outdated) generation += 1;
      throw error;
    });
  }) as unknown as pg.Client['query'];
}
