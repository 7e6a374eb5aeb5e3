import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  closeSource,
  keepRecords,
  keepValues,
  openSource,
  settleFiles,
  type SourceOf,
} from '../../database/collect.js';
import { findGaps, findRecords, findValues, listSources, type RecordSearch } from '../../database/collected.js';
import type { Database } from '../../database/connect.js';
import { rows } from '../../database/query.js';
import { ReadMeanwhile } from '../../database/refusals.js';
import { deleteOverdue } from '../../database/retention.js';
import { withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const day = 86_400_000;
const of = (host: string, more: Partial<SourceOf> = {}): SourceOf => ({
  machine: `${host}:22`,
  host,
  kind: 'lines',
  source: 'app',
  labels: {},
  keep: 30 * 86_400,
  ...more,
});
const file = (path: string) => ({ path, inode: '1:1', position: 0, head: { size: 1, sha256: 'x' }, ended: false });

/** One present for all that is kept and asked for: some of it is told apart by half a second. */
const now = Date.now();

/** A source with one file and these records, `[milliseconds ago, text]`. */
async function kept(db: Database, source: SourceOf, records: readonly [number, string][]): Promise<[number, number]> {
  const { id } = await openSource(db, source);
  const [first = 0] = await settleFiles(db, id, [file('/a.log')], []);
  await keepRecords(db, {
    source: id,
    file: first,
    from: 0,
    to: 1000,
    records: records.map(([ago, text], index) => ({ position: index * 10, at: now - ago, text, cut: 0 })),
  });
  return [id, first];
}

const search = async (db: Database, more: Partial<RecordSearch> = {}): Promise<string[]> => {
  const found = await findRecords(db, {
    since: new Date(Date.now() - 365 * day),
    until: new Date(Date.now() + day),
    limit: 100,
    ...more,
  });
  return found.map(({ text }) => text);
};

describe('collected records', () => {
  test('are kept with the position behind them, or not at all', async () =>
    withDatabase(postgres, async (db) => {
      const [source, one] = await kept(db, of('node1'), [[1000, 'first']]);
      const again = { source, file: one, from: 0, to: 20, records: [{ position: 0, text: 'again', cut: 0 }] };
      await expect(keepRecords(db, again)).rejects.toThrow(ReadMeanwhile);
      const twice = { ...again, from: 1000, to: 1020 };
      await expect(keepRecords(db, twice)).rejects.toThrow(/collected_lines_key/);
      expect(await search(db)).toEqual(['first']);
      expect((await openSource(db, of('node1'))).files.map(({ position }) => position)).toEqual([1000]);
    }));

  test('are found by host, source, label, time and text, newest first', async () =>
    withDatabase(postgres, async (db) => {
      await kept(db, of('node1', { labels: { layout: 'new' } }), [
        [2 * day, 'An Error here'],
        [1000, 'all is well'],
      ]);
      await kept(db, of('node2'), [[2000, 'error there']]);
      await kept(db, of('node2', { source: 'web' }), [[3000, '100% of it_']]);
      expect(await search(db)).toEqual(['all is well', 'error there', '100% of it_', 'An Error here']);
      expect(await search(db, { text: 'ERROR' })).toEqual(['error there', 'An Error here']);
      expect(await search(db, { host: 'node1' })).toEqual(['all is well', 'An Error here']);
      expect(await search(db, { source: 'web' })).toEqual(['100% of it_']);
      expect(await search(db, { labels: { layout: 'new' }, text: 'error' })).toEqual(['An Error here']);
      expect(await search(db, { until: new Date(Date.now() - day) })).toEqual(['An Error here']);
      expect(await search(db, { since: new Date(now - 2500) })).toEqual(['all is well', 'error there']);
      expect(await search(db, { text: '0% of it_' })).toEqual(['100% of it_']);
      expect(await search(db, { text: '%' })).toEqual(['100% of it_']);
    }));

  test('come in pages that neither miss nor repeat one, also of the same time', async () =>
    withDatabase(postgres, async (db) => {
      const all = Array.from({ length: 50 }, (_one, index): [number, string] => [5000, `record ${index}`]);
      await kept(db, of('node1'), all);
      await kept(db, of('node2'), all);
      const seen: string[] = [];
      let before: RecordSearch['before'];
      for (;;) {
        const page = await findRecords(db, { since: new Date(0), until: new Date(), limit: 7, before });
        seen.push(...page.map(({ host, text }) => `${host} ${text}`));
        const last = page.at(-1);
        if (!last) break;
        before = last;
      }
      expect([seen.length, new Set(seen).size]).toEqual([100, 100]);
    }));

  test('are not kept where they are too old already, and what is to come counts as now', async () =>
    withDatabase(postgres, async (db) => {
      await kept(db, of('node1'), [
        [31 * day, 'old'],
        [-3 * day, 'to come'],
      ]);
      expect(await search(db)).toEqual(['to come']);
    }));

  test('are deleted when their time is over, each source by its own time, and that is counted', async () =>
    withDatabase(postgres, async (db) => {
      await kept(db, of('node1'), [
        [20 * day, 'old'],
        [1000, 'young'],
      ]);
      await kept(db, of('node2'), [[20 * day, 'old elsewhere']]);
      await openSource(db, of('node1', { keep: 7 * 86_400 }));
      expect(await deleteOverdue(db)).toBe(false);
      await rows(db, `update collected_sources set reviewed_at = now() - interval '2 minutes'`);
      expect([await deleteOverdue(db), await deleteOverdue(db), await deleteOverdue(db)]).toEqual([true, true, false]);
      expect(await search(db)).toEqual(['young', 'old elsewhere']);
      expect((await listSources(db)).map(({ host, deleted }) => [host, deleted])).toEqual([
        ['node1', 1],
        ['node2', 0],
      ]);
    }));

  test('that may be missing are told once', async () =>
    withDatabase(postgres, async (db) => {
      const [source, one] = await kept(db, of('node1'), [[1000, 'x']]);
      const lost = [{ id: one, because: 'it went away' }];
      await settleFiles(db, source, [], lost);
      await settleFiles(db, source, [], lost);
      await closeSource(db, source, 0, []);
      const within = { since: new Date(Date.now() - day), until: new Date(Date.now() + day) };
      expect(await findGaps(db, { ...within, host: 'node1' })).toMatchObject([
        { path: '/a.log', because: 'it went away' },
      ]);
      expect(await findGaps(db, { ...within, host: 'node2' })).toEqual([]);
    }));
});

describe('collected numbers', () => {
  const numbers = of('node1', { kind: 'values', source: 'system', every: 60 });

  test('are kept once a moment, and found by name with whatever labels', async () =>
    withDatabase(postgres, async (db) => {
      const at = new Date('2026-02-01T12:00:00Z');
      const values = [
        { name: 'disk{mount="/"}', value: 5 },
        { name: 'disk_free', value: 7 },
      ];
      await keepValues(db, numbers, at, values);
      await keepValues(db, numbers, at, [{ name: 'disk_free', value: 8 }]);
      const within = { since: new Date('2026-02-01T00:00:00Z'), until: new Date('2026-02-02T00:00:00Z') };
      expect(await findValues(db, { ...within, name: 'disk' })).toMatchObject([
        { name: 'disk{mount="/"}', every: 60, samples: [[at.getTime(), 5]] },
      ]);
      expect(await findValues(db, { ...within, name: 'disk_free' })).toMatchObject([{ samples: [[at.getTime(), 7]] }]);
    }));

  test('are deleted when their time is over', async () =>
    withDatabase(postgres, async (db) => {
      await keepValues(db, numbers, new Date(Date.now() - 40 * day), [{ name: 'up', value: 1 }]);
      await keepValues(db, numbers, new Date(), [{ name: 'up', value: 0 }]);
      await rows(db, `update collected_sources set reviewed_at = now() - interval '2 minutes'`);
      await deleteOverdue(db);
      expect(await rows(db, 'select value from collected_values')).toEqual([{ value: 0 }]);
    }));
});
