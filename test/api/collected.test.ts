import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepRecords, keepValues, openSource, settleFiles, type SourceOf } from '../../database/collect.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { openApi, type Api } from './api.js';

const source: SourceOf = {
  ...{ machine: 'node1:22', host: 'node1', kind: 'lines', source: 'app' },
  ...{ labels: { layout: 'new' }, keep: 86_400 },
};

describe('what was collected', () => {
  let postgres: TestPostgres;
  let api: Api;
  beforeAll(async () => {
    postgres = await startPostgres();
    api = await openApi(postgres);
    const { database } = api.records;
    const { id } = await openSource(database, source);
    const head = { size: 1, sha256: 'x' };
    const [file = 0] = await settleFiles(
      database,
      id,
      [{ path: '/a.log', inode: '1:1', position: 0, head, ended: false }],
      [],
    );
    const records = [1, 2, 3].map((second) => {
      return { position: second * 10, at: Date.now() - 60_000 + second * 1000, text: `record ${second}`, cut: 0 };
    });
    await keepRecords(database, { source: id, file, from: 0, to: 40, records });
    await settleFiles(database, id, [], [{ id: file, because: 'it went away' }]);
    for (const second of [0, 60, 120, 600])
      await keepValues(
        database,
        { ...source, kind: 'values', source: 'system', every: 60 },
        new Date(Date.parse('2026-02-01T12:00:00Z') + second * 1000),
        [{ name: 'requests{kind="search"}', value: second }],
      );
  });
  afterAll(async () => {
    await api.close();
    await postgres.stop();
  });

  it('is searched page by page, with the gaps of that time', async () => {
    const first = await api.ask('GET', '/v1/logs?text=RECORD&labels=layout=new&limit=2');
    expect(first.status).toBe(200);
    expect(first.body.records.map((one: { text: string }) => one.text)).toEqual(['record 3', 'record 2']);
    expect(first.body.gaps).toMatchObject([{ path: '/a.log', because: 'it went away' }]);
    const second = await api.ask('GET', `/v1/logs?limit=2&before=${first.body.next}`);
    expect(second.body).toMatchObject({ records: [{ text: 'record 1', host: 'node1', labels: { layout: 'new' } }] });
    expect(second.body.next).toBeUndefined();
  });

  it('is listed with how far it came and how long it is kept', async () => {
    const { body } = await api.ask('GET', '/v1/sources');
    expect(body.sources).toMatchObject([
      { host: 'node1', kind: 'lines', source: 'app', keep: 86_400, gaps: 1, behind: 0, deleted: 0 },
      { host: 'node1', kind: 'values', source: 'system', every: 60, newest: '2026-02-01T12:10:00.000Z' },
    ]);
  });

  it('is shown over time, where what was not collected is null', async () => {
    const asked = '/v1/metrics/requests?since=2026-02-01T12:00:00Z&until=2026-02-01T12:05:00Z&as=rate';
    const { body } = await api.ask('GET', asked);
    expect(body).toMatchObject({ every: 60, series: [{ host: 'node1', name: 'requests{kind="search"}' }] });
    expect(body.series[0].points.map(([, value]: [string, number | null]) => value)).toEqual([null, 1, 1, null, null]);
  });

  it('is listed by name with its last value', async () => {
    const { body } = await api.ask('GET', '/v1/metrics?host=node1');
    expect(body.metrics).toEqual([
      { host: 'node1', source: 'system', name: 'requests{kind="search"}', at: '2026-02-01T12:10:00.000Z', value: 600 },
    ]);
  });

  it.each([
    ['/v1/logs?since=2026-02-02T00:00:00Z&until=2026-02-01T00:00:00Z', '/since'],
    ['/v1/logs?since=yesterday', '/since'],
    ['/v1/logs?limit=100000', '/limit'],
    ['/v1/logs?before=1', '/before'],
    ['/v1/logs?labels=x', '/labels'],
    ['/v1/metrics/up?as=median', '/as'],
    ['/v1/metrics/up?every=1&since=2020-01-01T00:00:00Z', '/every'],
  ])('%s is refused', async (url, pointer) => {
    const { status, body } = await api.ask('GET', url);
    expect([status, body.errors.map((one: { pointer: string }) => one.pointer)]).toEqual([400, [pointer]]);
  });
});
