import { createHash } from 'node:crypto';
import pg from 'pg';

/** Postgres' word for a prepared statement whose tables have changed since: it must be prepared anew. */
export const planOutdated = '0A000';

type Query = (text: unknown, values?: unknown[]) => Promise<unknown>;

/**
 * A connection that prepares each statement with parameters once. Planning most of ours costs more than carrying them
 * out, and a step takes some twenty.
 */
export class PreparingClient extends pg.Client {
  /** Counted up when tables have changed, so that no outdated statement is used again. */
  #generation = 0;
  readonly #names = new Map<string, string>();

  // TypeORM calls it in this form alone; the other ones of the driver stay as they are.
  override query = ((text: unknown, values?: unknown[], ...rest: unknown[]): unknown => {
    const query = super.query.bind(this) as unknown as Query;
    if (typeof text !== 'string' || !values || values.length === 0 || rest.length > 0)
      return (super.query as unknown as (...all: unknown[]) => unknown).call(this, text, values, ...rest);
    return query({ name: this.#nameOf(text), text, values }).catch((error: unknown) => {
      if ((error as { code?: string }).code === planOutdated) {
        this.#generation += 1;
        this.#names.clear();
      }
      throw error;
    });
  }) as unknown as pg.Client['query'];

  #nameOf(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = `${this.#generation}-${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
    this.#names.set(text, name);
    return name;
  }
}
