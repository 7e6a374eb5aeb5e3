// cspell:ignore bcde efgh
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEvents } from '../../database/events.js';
import { appendOutput, listOutputs, outputEnd, readOutput, type OutputName } from '../../database/output.js';
import { OutputGap } from '../../database/refusals.js';
import { running, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const nameIn = (run: string, more: Partial<OutputName> = {}): OutputName => ({
  run,
  step: 'redis',
  host: 'cache',
  attempt: 1,
  part: 'do',
  stream: 'stdout',
  ...more,
});
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('output', () => {
  test('written twice, in pieces that overlap, is there once and whole', async () =>
    withDatabase(postgres, async (db) => {
      const name = nameIn(await running(db));
      const pieces: [number, string][] = [
        [0, 'abc'],
        [0, 'abc'],
        [1, 'bcde'],
        [3, ''],
        [2, 'cd'],
        [5, 'fg'],
      ];
      for (const [offset, text] of pieces) await appendOutput(db, { ...name, offset, bytes: bytes(text) });
      expect(await outputEnd(db, name)).toBe(7);
      expect(Buffer.from((await readOutput(db, name, 0, 100)).bytes).toString()).toBe('abcdefg');
    }));

  test('written by several at once is there once and whole', async () =>
    withDatabase(postgres, async (db) => {
      const name = nameIn(await running(db));
      const write = async (): Promise<void> => {
        for (let offset = 0; offset < 20; offset += 2)
          await appendOutput(db, { ...name, offset, bytes: bytes('abcdefghijklmnopqrst'.slice(offset, offset + 3)) });
      };
      await Promise.all([write(), write(), write()]);
      expect(Buffer.from((await readOutput(db, name, 0, 100)).bytes).toString()).toBe('abcdefghijklmnopqrst');
    }));

  test('with a gap is refused, and nothing of it is kept', async () =>
    withDatabase(postgres, async (db) => {
      const name = nameIn(await running(db));
      await appendOutput(db, { ...name, offset: 0, bytes: bytes('abc') });
      await expect(appendOutput(db, { ...name, offset: 4, bytes: bytes('e') })).rejects.toThrow(OutputGap);
      expect(await outputEnd(db, name)).toBe(3);
    }));

  test('comes back byte for byte from any place, whatever the bytes are', async () =>
    withDatabase(postgres, async (db) => {
      const name = nameIn(await running(db));
      const all = randomBytes(10_000);
      for (let offset = 0; offset < all.length; offset += 777)
        await appendOutput(db, { ...name, offset, bytes: all.subarray(offset, offset + 777) });
      for (const [from, limit] of [
        [0, 10_000],
        [0, 1],
        [776, 2],
        [777, 777],
        [5_000, 3_333],
        [9_999, 10],
        [10_000, 5],
      ] as const) {
        const stretch = await readOutput(db, name, from, limit);
        expect(Buffer.from(stretch.bytes).equals(all.subarray(from, from + limit)), `${from}+${limit}`).toBe(true);
        expect(stretch).toMatchObject({ end: 10_000, dropped: 0 });
      }
    }));

  test('of attempts, parts, streams and undos is kept apart', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const names = [
        {},
        { stream: 'stderr' },
        { part: 'check' },
        { attempt: 2 },
        { part: 'undo', undo: 1 },
        { part: 'undo', undo: 2 },
      ] as const;
      for (const [index, more] of names.entries())
        await appendOutput(db, { ...nameIn(run, more), offset: 0, bytes: bytes(String(index)) });
      for (const [index, more] of names.entries())
        expect(Buffer.from((await readOutput(db, nameIn(run, more), 0, 9)).bytes).toString()).toBe(String(index));
      expect(await listOutputs(db, nameIn(run))).toHaveLength(names.length);
      expect(await readOutput(db, nameIn(run, { attempt: 9 }), 0, 9)).toMatchObject({ end: 0 });
    }));

  test('above the limit of its task is counted and dropped to the byte, over all streams, and said once', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const out = nameIn(run);
      const err = nameIn(run, { stream: 'stderr' });
      await appendOutput(db, { ...out, offset: 0, bytes: bytes('123456') }, 10);
      await appendOutput(db, { ...err, offset: 0, bytes: bytes('abcdef') }, 10);
      await appendOutput(db, { ...err, offset: 4, bytes: bytes('efgh') }, 10);
      await appendOutput(db, { ...out, offset: 6, bytes: bytes('789') }, 10);
      const [stdout, stderr] = [await readOutput(db, out, 0, 99), await readOutput(db, err, 0, 99)];
      expect(Buffer.from(stdout.bytes).toString()).toBe('123456');
      expect(Buffer.from(stderr.bytes).toString()).toBe('abcd');
      expect([stdout.end, stdout.dropped, stderr.end, stderr.dropped]).toEqual([9, 3, 8, 4]);
      expect((await readEvents(db, run, 0, 100)).filter((event) => event.kind === 'output-full')).toHaveLength(1);
    }));

  test('of twelve streams at once keeps to the limit of their task', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const names = Array.from({ length: 12 }, (_, index) => nameIn(run, { attempt: index + 1 }));
      await Promise.all(names.map(async (name) => appendOutput(db, { ...name, offset: 0, bytes: bytes('12345') }, 12)));
      const kept = (await listOutputs(db, nameIn(run))).map(({ end, dropped }) => end - dropped);
      expect(kept.reduce((sum, one) => sum + one, 0)).toBe(12);
    }));
});
