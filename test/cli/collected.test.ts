// cspell:ignore mred
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepRecords, keepValues, openSource, settleFiles, type SourceOf } from '../../database/collect.js';
import { openDesk, type Desk } from './desk.js';

const source: SourceOf = {
  ...{ machine: 'node1:22', host: 'node1', kind: 'lines', source: 'app' },
  ...{ labels: { layout: 'new' }, keep: 30 * 86_400 },
};

describe('what was collected, on the command line', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    const { database } = desk.api.records;
    const { id } = await openSource(database, source);
    const head = { size: 1, sha256: 'x' };
    const [file = 0] = await settleFiles(
      database,
      id,
      [{ path: '/a.log', inode: '1:1', position: 0, head, ended: false }],
      [],
    );
    const at = Date.parse('2026-02-01T12:00:00Z');
    await keepRecords(database, {
      ...{ source: id, file, from: 0, to: 99 },
      records: [
        { position: 0, at: Date.now() - 3000, text: 'first\n\tof two lines', cut: 0 },
        { position: 20, at: Date.now() - 2000, text: 'second \u001b[31mred', cut: 7 },
        { position: 40, at: Date.now() - 1000, text: 'third', cut: 0 },
      ],
    });
    await settleFiles(database, id, [], [{ id: file, because: 'it went away' }]);
    const values = { ...source, kind: 'values', source: 'system', every: 60 } as const;
    await keepValues(database, values, new Date(at), [{ name: 'load1', value: 0.5 }]);
    await keepValues(database, values, new Date(at + 240_000), [{ name: 'load1', value: 1.25 }]);
  });
  afterAll(async () => desk.leave());

  it('is found, newest last, and what a terminal would obey is shown as it is written', async () => {
    const { code, out, err } = await desk.say('logs search --host node1 --label layout=new --since 1h');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /, ''))).toEqual([
      'node1 app: first',
      expect.stringMatching(/^ {4}.*of two lines$/),
      expect.stringMatching(/^node1 app: second .*\[31mred \[7 bytes left out\]$/),
      'node1 app: third',
    ]);
    expect(out).not.toContain('\u001b');
    expect(err).toMatch(/^gap: node1 app \/a\.log, .*: it went away\n$/);
  });

  it('is found by its words, and as JSON', async () => {
    const { out } = await desk.say('logs search THIRD -o json');
    const { records } = JSON.parse(out) as { records: { text: string }[] };
    expect(records.map(({ text }) => text)).toEqual(['third']);
    expect((await desk.say('logs search nowhere')).out).toBe('no such records\n');
    expect((await desk.say('logs search --limit 1')).out).toMatch(/third\n$/);
  });

  it('is listed with how long it is kept', async () => {
    const { out } = await desk.say('logs sources');
    expect(out).toMatch(/^HOST +SOURCE +KIND +KEPT FOR/);
    expect(out).toMatch(/^node1 +app +lines +720h +\d{4}-.* 0 +1 +0$/m);
  });

  it('is shown over time, and gaps show', async () => {
    const stretch = '--since 2026-02-01T12:00:00Z --until 2026-02-01T12:05:00Z';
    const { out } = await desk.say(`metrics show load1 ${stretch} --every 1m`);
    expect(
      out
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ {2,}/).slice(2)),
    ).toEqual([
      ['2026-02-01 12:00:00', '0.5'],
      ['2026-02-01 12:01:00', 'nothing collected'],
      ['2026-02-01 12:04:00', '1.25'],
    ]);
    expect((await desk.say('metrics list')).out).toMatch(/^node1 +system +load1 +1\.25 +2026-02-01 12:04:00$/m);
    expect((await desk.say('metrics show nothing')).out).toBe('no such numbers\n');
  });

  it.each([
    ['logs search --since yesterday', /how long ago/],
    ['logs search --label x', /must look like name=value/],
    ['metrics show load1 --every soon', /length of time/],
    ['metrics show load1 --as median', /Allowed choices are last, average, least, most, rate/],
  ])('%s is refused as wrong usage', async (words, message) => {
    const { code, err } = await desk.say(words);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
