import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { followFiles, type FoundFile, type KnownFile } from '../../model/collect/follow-files.js';
import { recordMask } from '../../model/collect/mask-record.js';
import { readValues } from '../../model/collect/read-values.js';
import { series, type Summary } from '../../model/collect/series.js';
import { recordLimit, recordPatience, splitRecords } from '../../model/collect/split-records.js';
import { timeOf, type TimeFormat } from '../../model/collect/time-of.js';

function cases<Case>(name: string): Case[] {
  return parse(readFileSync(`test/cases/collect/${name}.yaml`, 'utf8')) as Case[];
}
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a record is kept without what is secret', () => {
  it.each(cases<{ is: string; kept: string; masks?: string[] }>('masks'))('$is', ({ is, kept, masks = [] }) => {
    expect(recordMask(masks)(is)).toBe(kept);
  });

  it('in time that grows with its length alone', () => {
    const mask = recordMask([]);
    for (const hostile of [
      'password',
      'a@',
      'eyJ',
      '"',
      'http://a:',
      '-----BEGIN A PRIVATE KEY-----',
      'token=["',
      'a.',
    ])
      mask(hostile.repeat(65_536 / hostile.length));
  });
});

describe('the time of a record', () => {
  it.each(cases<{ format: TimeFormat; is: string; at?: string }>('times'))('$format: $is', ({ format, is, at }) => {
    const found = timeOf(is, format, { now: Date.parse('2026-03-01T12:00:00Z'), offset: 60 });
    expect(found === undefined ? undefined : new Date(found).toISOString()).toBe(at);
  });
});

describe('named numbers', () => {
  it.each(cases<{ is: string; values?: Record<string, number>; problem?: string }>('values'))('$is', (one) => {
    const read = readValues(one.is);
    if ('problem' in read) expect(read.problem).toBe(one.problem);
    else expect(Object.fromEntries(read.values.map(({ name, value }) => [name, value]))).toEqual(one.values);
  });
});

describe('a series', () => {
  interface Case {
    it: string;
    as: Summary;
    samples: [number, number][];
    points: (number | null)[];
  }
  it.each(cases<Case>('series'))('$it', ({ as, samples, points }) => {
    const cut = { since: 0, until: 300_000, width: 60_000, patience: 150_000 };
    const found = series(
      samples.map(([at, value]) => ({ at: at * 1000, value })),
      as,
      cut,
    );
    expect(found.map(({ value }) => value)).toEqual(points);
  });
});

describe('what was read of a file', () => {
  const split = (text: string, more: object = {}): [string[], number] => {
    const { records, consumed } = splitRecords(Buffer.from(text), { settled: false, ended: false, ...more });
    return [records.map((one) => one.text), consumed];
  };
  const begins = (line: string): boolean => /^\d/.test(line);

  it('is one record a line, and the line without an end waits', () => {
    expect(split('a\nb\nc')).toEqual([['a', 'b'], 4]);
    expect(split('a\nb\nc', { ended: true })).toEqual([['a', 'b', 'c'], 5]);
  });

  it('is one record from one beginning to the next, and the last record waits', () => {
    expect(split('1 a\n b\n2 c\n d\n', { begins })).toEqual([['1 a\n b'], 7]);
    expect(split('1 a\n b\n2 c\n d\n', { begins, settled: true })).toEqual([['1 a\n b', '2 c\n d'], 14]);
    expect(split('1 a\n b\n2 c\n d', { begins, settled: true })).toEqual([['1 a\n b', '2 c'], 11]);
  });

  it('is over where the next line says that it begins another, though it has no end yet', () => {
    expect(split('1 a\n b\n2 c', { begins })).toEqual([['1 a\n b'], 7]);
    expect(split('1 a\n b\nc', { begins })).toEqual([[], 0]);
  });

  it('begins with the end of a record where its beginning was read before', () => {
    expect(split(' b\n2 c\n', { begins })).toEqual([[' b'], 3]);
  });

  it('leaves out NUL characters and what is blank, and says where each record begins', () => {
    const { records, consumed } = splitRecords(Buffer.from('\0\0a\n\n  \nb\r\n'), { settled: false, ended: false });
    expect([records, consumed]).toEqual([
      [
        { start: 0, text: 'a', cut: 0 },
        { start: 8, text: 'b', cut: 0 },
      ],
      11,
    ]);
  });

  it('is cut where a record is long, and taken to be over where it is without end', () => {
    const long = splitRecords(Buffer.from(`${'x'.repeat(recordLimit + 5)}\n`), { settled: false, ended: false });
    expect(long.records[0]?.text).toHaveLength(recordLimit);
    expect(long.records[0]?.cut).toBe(6);
    const endless = splitRecords(Buffer.alloc(recordPatience, 'x'), { settled: false, ended: false });
    expect([endless.records.length, endless.consumed]).toEqual([1, recordPatience]);
  });
});

describe('files that were known', () => {
  const text = (name: string): Uint8Array => Buffer.from(`${name} `.repeat(40));
  const known = (id: number, name: string, more: Partial<KnownFile> = {}): KnownFile => {
    const head = { size: text(name).length, sha256: sha256(text(name)) };
    return { id, born: '/a.log', inode: `1:${id}`, position: 10, head, ended: false, gone: false, ...more };
  };
  const found = (path: string, inode: string, name: string, more: Partial<FoundFile> = {}): FoundFile => {
    return { path, inode, size: 1000, modified: 100, head: text(name), ...more };
  };
  const follow = (before: readonly KnownFile[], now: readonly FoundFile[]): object => {
    const { same, fresh, gone } = followFiles(before, now, sha256);
    return {
      same: same.map((one) => `${one.known.id} ${one.found.path}`),
      fresh: fresh.map(({ path }) => path),
      gone: gone.map(({ id }) => id),
    };
  };

  it('are found again by inode, under another name', () => {
    const now = [found('/a.log', '1:2', 'new'), found('/a.log.1', '1:1', 'old')];
    expect(follow([known(1, 'old')], now)).toEqual({ same: ['1 /a.log.1'], fresh: ['/a.log'], gone: [] });
  });

  it('are found again by how they begin, where the inode is another file’s now', () => {
    const now = [found('/a.log', '1:1', 'new'), found('/a.log.1', '1:9', 'old')];
    expect(follow([known(1, 'old')], now)).toEqual({ same: ['1 /a.log.1'], fresh: ['/a.log'], gone: [] });
  });

  it('are found again where they were compressed', () => {
    const { size: _, ...packed } = found('/a.log.1.gz', '1:9', 'old');
    expect(follow([known(1, 'old')], [packed])).toEqual({ same: ['1 /a.log.1.gz'], fresh: [], gone: [] });
  });

  it('are gone where no file goes on as they did, or one is shorter than what was read', () => {
    const now = [found('/a.log', '1:1', 'new')];
    expect(follow([known(1, 'old')], now)).toEqual({ same: [], fresh: ['/a.log'], gone: [1] });
    const short = [found('/a.log', '1:1', 'old', { size: 9 })];
    expect(follow([known(1, 'old')], short)).toMatchObject({ same: [], gone: [1] });
    expect(follow([known(1, 'old', { gone: true })], now)).toMatchObject({ gone: [] });
  });

  it('are not mistaken for a file that begins with the same few bytes', () => {
    const few = { head: { size: 4, sha256: sha256(Buffer.from('old ')) }, position: 4 };
    expect(follow([known(1, 'old', few)], [found('/b.log', '1:9', 'old')])).toMatchObject({ same: [], gone: [1] });
  });

  it('are not read again as a copy of theirs', () => {
    const now = [found('/a.log', '1:1', 'old', { size: 1200 }), found('/a.log.1', '1:2', 'old')];
    expect(follow([known(1, 'old')], now)).toEqual({ same: ['1 /a.log'], fresh: [], gone: [] });
  });

  it('count once where two patterns find them, and not at all where they are empty', () => {
    const now = [
      found('/a.log', '1:1', 'old'),
      found('/b.log', '1:1', 'old'),
      found('/c', '1:3', '', { head: Buffer.alloc(0) }),
    ];
    expect(follow([], now)).toEqual({ same: [], fresh: ['/a.log'], gone: [] });
  });
});
