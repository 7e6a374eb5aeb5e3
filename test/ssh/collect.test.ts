import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Attempt } from '../../activities/ssh/attempt.js';
import { collected } from '../../activities/ssh/collect-lines.js';
import type { CollectionRecords } from '../../activities/ssh/collection.js';
import type { Examined } from '../../activities/ssh/examine.js';
import { collectionRecords } from '../../apps/worker/wiring/collection.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { closeDatabase, type Database } from '../../database/connect.js';
import { rows } from '../../database/query.js';
import { freshDatabase, phase, plan, running, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { compileStep, type StepKeys } from '../steps/cases.js';
import { readLocally, type LocalReader } from './local-reader.js';

// A dozen workers that die, and thousands of lines after each, took a busy machine half a minute.
vi.setConfig({ testTimeout: 180_000 });

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

describe.each([
  ['the usual shell', ['/bin/sh']],
  ['bash', ['/bin/bash', '--posix']],
  ['busybox', ['/bin/busybox', 'sh']],
])('records that are collected from a host with %s', (_, shell) => {
  let folder: string;
  let db: Database & { url: string };
  let reader: LocalReader;
  let run: string;
  let log: string;
  let tries: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'belay-collect-'));
    db = await freshDatabase(postgres);
    run = await running(db, plan([phase('One', [['here']], [step('logs', ['here'])])]));
    reader = await readLocally(shell, folder);
    mkdirSync(join(folder, 'logs'));
    log = join(folder, 'logs', 'app of $(x).log');
    tries = 0;
  });
  afterEach(async () => {
    reader.stop();
    await closeDatabase(db);
    rmSync(folder, { recursive: true });
  });

  async function carry(keys: StepKeys, around: (records: CollectionRecords) => CollectionRecords): Promise<Examined> {
    const operation = compileStep(keys);
    tries += 1;
    return collected(
      {
        name: { run, step: 'logs', host: 'here' },
        step: step('logs', ['here']),
        attempt: tries,
        work: { operation },
        session: reader,
        filler: { fill: (text: string) => ({ value: text, secret: false }), secrets: [] },
        needs: { collection: around(collectionRecords(db, openPlans(db))) },
        signal: new AbortController().signal,
        detached: new AbortController().signal,
      } as unknown as Attempt,
      {},
    );
  }

  const collect = async (more: object = {}, around = (same: CollectionRecords) => same): Promise<Examined> =>
    carry({ 'collect.lines': { source: 'app', files: `${folder}/logs/*.log*`, keep: '30d', ...more } }, around);
  const report = async (more: object = {}): Promise<Record<string, number>> => {
    const examined = await collect(more);
    if ('outcome' in examined) throw new Error(examined.outcome.failure?.known);
    return JSON.parse(Buffer.from(examined.go.stdin ?? []).toString()) as Record<string, number>;
  };
  const kept = async (): Promise<string[]> =>
    (await rows<{ text: string }>(db, 'select text from collected_lines order by at, file, position')).map(
      ({ text }) => text,
    );
  const inOrder = async (): Promise<string[]> =>
    (await rows<{ text: string }>(db, 'select text from collected_lines order by file, position')).map(
      ({ text }) => text,
    );
  const gaps = async (): Promise<string[]> =>
    (await rows<{ path: string }>(db, 'select path from collected_gaps')).map(({ path }) => path);
  /** As if nobody had written to it for so long, in seconds. */
  const rested = (path: string, seconds: number): void =>
    utimesSync(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_one, index) => `line ${from + index} of a log that tells\n`).join('');
  const numbers = async (): Promise<number[]> => (await inOrder()).map((text) => Number(text.split(' ')[1]));
  const upTo = (count: number): number[] => Array.from({ length: count }, (_one, index) => index);

  test('come once each, as far as the file has grown', async () => {
    writeFileSync(log, `${lines(0, 3)}line 3 is not wh`);
    expect(await report()).toMatchObject({ files: 1, records: 3, behind: 0, gaps: 0 });
    expect(await report()).toMatchObject({ records: 0 });
    appendFileSync(log, `ole\n${lines(4, 6)}`);
    expect(await report()).toMatchObject({ records: 3 });
    expect(await numbers()).toEqual(upTo(6));
    expect((await inOrder())[3]).toBe('line 3 is not whole');
  });

  test('are neither lost nor doubled where the file is renamed and a new one begun', async () => {
    writeFileSync(log, lines(0, 3));
    await report();
    appendFileSync(log, lines(3, 5));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(5, 7));
    expect(await report()).toMatchObject({ files: 2, records: 4, gaps: 0 });
    renameSync(`${log}.1`, `${log}.2`);
    renameSync(log, `${log}.1`);
    appendFileSync(`${log}.1`, lines(7, 8));
    expect(await report()).toMatchObject({ records: 1, gaps: 0 });
    expect(await numbers()).toEqual(upTo(8));
  });

  test('are neither lost nor doubled where the file is copied and cut', async () => {
    writeFileSync(log, lines(0, 3));
    await report();
    appendFileSync(log, lines(3, 5));
    copyFileSync(log, `${log}.1`);
    expect(await report()).toMatchObject({ files: 1, records: 2 });
    appendFileSync(log, lines(5, 6));
    copyFileSync(log, `${log}.1`);
    truncateSync(log, 0);
    appendFileSync(log, lines(6, 8));
    expect(await report()).toMatchObject({ files: 2, records: 3, gaps: 0 });
    expect(await numbers()).toEqual(upTo(8));
  });

  test('are neither lost nor doubled where the old file was compressed meanwhile', async () => {
    writeFileSync(log, lines(0, 3));
    await report();
    appendFileSync(log, lines(3, 8000));
    renameSync(log, `${log}.1`);
    execFileSync('gzip', [`${log}.1`]);
    writeFileSync(log, lines(8000, 8002));
    expect(await report()).toMatchObject({ files: 2, gaps: 0 });
    rested(`${log}.1.gz`, 100);
    expect(await report()).toMatchObject({ records: 0 });
    expect(await report()).toMatchObject({ records: 0, gaps: 0 });
    expect(await numbers()).toEqual(upTo(8002));
    rmSync(`${log}.1.gz`);
    expect(await report()).toMatchObject({ records: 0, gaps: 0 });
  });

  test('that went away unread are a gap', async () => {
    writeFileSync(log, lines(0, 3));
    await report();
    appendFileSync(log, lines(3, 5));
    rmSync(log);
    writeFileSync(log, lines(5, 6));
    expect(await report()).toMatchObject({ records: 1, gaps: 1 });
    expect(await report()).toMatchObject({ records: 0, gaps: 0 });
    expect([await numbers(), await gaps()]).toEqual([[0, 1, 2, 5], [log]]);
  });

  test('of a file that was set aside and read to its end are no gap when it goes', async () => {
    writeFileSync(log, lines(0, 3));
    await report();
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(3, 4));
    rested(`${log}.1`, 100);
    await report();
    rmSync(`${log}.1`);
    expect(await report()).toMatchObject({ gaps: 0 });
    expect(await gaps()).toEqual([]);
  });

  test('of files that are not looked for any more are no gap, and go on where they are looked for again', async () => {
    writeFileSync(log, lines(0, 3));
    await report();
    appendFileSync(log, lines(3, 5));
    expect(await report({ files: `${folder}/logs/other*` })).toMatchObject({ files: 0, gaps: 0 });
    expect(await report()).toMatchObject({ records: 2, gaps: 0 });
    expect([await numbers(), await gaps()]).toEqual([upTo(5), []]);
  });

  test('of several lines stay together, and the last one is awaited', async () => {
    const begins = '^\\d{4}-';
    writeFileSync(
      log,
      '2026-01-02 03:04:05,678 ERROR [a] broken\njava.lang.X: y\n\tat z\n2026-01-02 03:04:06,000 INFO',
    );
    expect(await report({ begins })).toMatchObject({ records: 1 });
    appendFileSync(log, ' well\nof two lines\n');
    expect(await report({ begins })).toMatchObject({ records: 0 });
    rested(log, 20);
    expect(await report({ begins })).toMatchObject({ records: 1 });
    expect(await inOrder()).toEqual([
      '2026-01-02 03:04:05,678 ERROR [a] broken\njava.lang.X: y\n\tat z',
      '2026-01-02 03:04:06,000 INFO well\nof two lines',
    ]);
  });

  test('of others are passed over, and not read again', async () => {
    const only = '^\\S+ app(?:\\[\\d+\\])?: ';
    writeFileSync(log, 'h app: one\nh other: app: no\nh app[7]: two\nh other: none\n');
    expect(await report({ only })).toMatchObject({ records: 2, behind: 0, gaps: 0 });
    appendFileSync(log, 'h other: none\n');
    expect(await report({ only })).toMatchObject({ records: 0, behind: 0, gaps: 0 });
    appendFileSync(log, 'h app: three\n');
    expect(await report({ only })).toMatchObject({ records: 1, gaps: 0 });
    expect(await inOrder()).toEqual(['h app: one', 'h app[7]: two', 'h app: three']);
  });

  test('have the time that they say, and are left out where that is over', async () => {
    const soon = new Date(Date.now() - 3_600_000).toISOString();
    writeFileSync(log, `2001-01-02T03:04:05Z too old\n${soon} young\nas young\n`);
    expect(await report({ time: 'iso' })).toMatchObject({ records: 2 });
    const found = await rows<{ at: Date }>(db, 'select at from collected_lines order by position');
    expect(found.map(({ at }) => at.toISOString())).toEqual([soon, soon]);
  });

  test('are kept without what is secret', async () => {
    writeFileSync(log, 'password=hunter2 of ann@example.org at horse-battery-staple with card 4111-1111\n');
    await report({ mask: ['\\d{4}-\\d{4}'], hide: 'horse-battery-staple' });
    const [text = ''] = await kept();
    for (const secret of ['hunter2', 'ann@', 'battery', '4111']) expect(text).not.toContain(secret);
    expect(text).toMatch(/^password=\*\*\* of \*\*\* at \*+ with card \*\*\*$/);
  });

  test('are neither lost nor doubled where the worker dies between any two of its writes', async () => {
    writeFileSync(log, lines(0, 8000));
    for (const call of ['settleFiles', 'keepRecords', 'closeSource'] as const)
      for (const when of ['before', 'after'])
        for (const nth of [1, 2]) {
          let count = 0;
          const dying = (records: CollectionRecords): CollectionRecords => ({
            ...records,
            [call]: async (...words: never[]): Promise<unknown> => {
              count += 1;
              if (count === nth && when === 'before') throw new Error('killed');
              const answer = await (records[call] as (...all: never[]) => Promise<unknown>)(...words);
              if (count === nth) throw new Error('killed');
              return answer;
            },
          });
          await collect({}, dying).catch((error: Error) => expect(error.message).toBe('killed'));
          appendFileSync(log, lines(8000 + tries * 1000, 8000 + (tries + 1) * 1000));
          renameSync(log, `${log}.${tries}`);
          writeFileSync(log, `another file, begun after try ${tries} of many\n`);
        }
    await report();
    const found = await inOrder();
    expect(new Set(found).size).toBe(found.length);
    expect(found.filter((text) => text.startsWith('line')).length).toBe(8000 + 12 * 1000);
    expect(await gaps()).toEqual([]);
  });

  test('of a file that is replaced between looking and reading are read from the right one', async () => {
    writeFileSync(log, lines(0, 3));
    await report();
    appendFileSync(log, lines(3, 5));
    const rotating = (records: CollectionRecords): CollectionRecords => ({
      ...records,
      settleFiles: async (...words) => {
        renameSync(log, `${log}.1`);
        writeFileSync(log, lines(5, 20));
        return records.settleFiles(...words);
      },
    });
    const examined = await collect({}, rotating);
    const told = 'go' in examined ? Buffer.from(examined.go.stdin ?? []).toString() : '';
    expect((JSON.parse(told) as { behind: number }).behind).toBeGreaterThan(0);
    expect(await numbers()).toEqual(upTo(3));
    expect(await report()).toMatchObject({ records: 17, gaps: 0, behind: 0 });
    expect(await numbers()).toEqual(upTo(20));
  });

  test('that are many are read in several steps, in order, and what is left is said', async () => {
    writeFileSync(log, lines(0, 40_000));
    const size = readFileSync(log).length;
    const first = await report({ most: '1MiB' });
    expect(first['behind']).toBe(size - (first['bytes'] ?? 0));
    expect(first['behind']).toBeGreaterThan(0);
    expect(await report({})).toMatchObject({ behind: 0 });
    expect(await numbers()).toEqual(upTo(40_000));
  });

  test('of what was there before are left out where only the end is wanted', async () => {
    writeFileSync(log, lines(0, 3));
    expect(await report({ from: 'end' })).toMatchObject({ records: 0 });
    appendFileSync(log, lines(3, 5));
    writeFileSync(`${log}.new.log`, `${lines(5, 6)}`);
    expect(await report({ from: 'end' })).toMatchObject({ records: 2 + 1 });
    expect((await numbers()).sort((one, other) => one - other)).toEqual([3, 4, 5]);
  });

  test('that are longer than 64 KiB are cut, and how much is missing is kept', async () => {
    writeFileSync(log, `${'x'.repeat(100_000)}\nnext\n${'y'.repeat(3_000_000)}\nlast\n`);
    await report();
    const found = await rows<{ length: number; cut: number }>(
      db,
      'select length(text) as length, cut from collected_lines order by position',
    );
    expect(found[0]).toEqual({ length: 65_536, cut: 100_001 - 65_536 });
    expect(found[1]).toEqual({ length: 4, cut: 0 });
    expect((await inOrder()).at(-1)).toBe('last');
    expect(found.length).toBeLessThan(9);
  });
});
