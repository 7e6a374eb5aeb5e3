import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../activities/ssh/attempt.js';
import { carryOut } from '../../activities/ssh/carry-out.js';
import type { CollectionRecords } from '../../activities/ssh/collection.js';
import type { Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { collectionRecords } from '../../apps/worker/wiring/collection.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { closeDatabase, type Database } from '../../database/connect.js';
import { rows } from '../../database/query.js';
import { freshDatabase, phase, plan, running, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { compileStep, type StepKeys } from '../steps/cases.js';
import { attemptOf } from './attempt.js';
import { startSshd, type Sshd } from './sshd.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(async () => postgres.stop());

describe.each([
  ['the usual shell', undefined],
  ['busybox', ['/bin/busybox', 'sh']],
])('records that are collected from a host with %s', (_, shell) => {
  let here: Sshd;
  let db: Database & { url: string };
  let sessions: Sessions;
  let run: string;
  let log: string;
  let tries: number;
  let cancel: AbortController;
  beforeEach(async () => {
    here = await startSshd();
    db = await freshDatabase(postgres);
    run = await running(db, plan([phase('One', [['here']], [step('logs', ['here'])])]));
    sessions = createSessions({ stateDirectory: here.state, ...(shell === undefined ? {} : { shell }) });
    mkdirSync(join(here.folder, 'logs'));
    log = join(here.folder, 'logs', 'app of $(x).log');
    tries = 0;
    cancel = new AbortController();
  });
  afterEach(async () => {
    await sessions.close();
    await closeDatabase(db);
    await here.stop();
  });

  async function carry(keys: StepKeys, around: (records: CollectionRecords) => CollectionRecords): Promise<Outcome> {
    const operation = compileStep(keys);
    if (operation.on !== 'host') throw new Error('of another place');
    const destination = here.destination('here');
    tries += 1;
    const attempt = attemptOf({
      name: { run, step: 'logs', host: 'here' },
      task: `${run}.logs-${tries}`,
      step: step('logs', ['here'], {
        operations: [operation],
        register: { report: { from: 'stdout', type: 'text' } as never },
      }),
      work: { destination, operation, intents: [] },
      session: await sessions.open(destination, 100),
      needs: { sessions, collection: around(collectionRecords(db, openPlans(db))) },
      signal: cancel.signal,
    });
    return carryOut(attempt);
  }

  const collect = async (more: object = {}, around = (same: CollectionRecords) => same): Promise<Outcome> =>
    carry({ 'collect.lines': { source: 'app', files: `${here.folder}/logs/*.log*`, keep: '30d', ...more } }, around);
  const report = async (more: object = {}): Promise<Record<string, number>> => {
    const outcome = await collect(more);
    expect(outcome.ending, outcome.failure?.known).toBe('done');
    return JSON.parse(String(outcome.registered?.['report'])) as Record<string, number>;
  };

  test('are kept, and what that came to can be registered', async () => {
    writeFileSync(log, 'one\ntwo\nhalf of it');
    expect(await report()).toMatchObject({ source: 'app', files: 1, records: 2, behind: 0, gaps: 0 });
    expect(await report()).toMatchObject({ records: 0 });
    expect(await rows(db, 'select text from collected_lines order by position')).toEqual([
      { text: 'one' },
      { text: 'two' },
    ]);
  });

  test('are left where they are where it is cancelled', async () => {
    writeFileSync(log, 'one\n');
    cancel.abort();
    expect(await collect()).toMatchObject({ ending: 'refused', failure: { kind: 'step/cancelled' } });
    expect(await rows(db, 'select text from collected_lines')).toEqual([]);
  });

  test('as numbers keep their time and labels, and are kept once', async () => {
    const values = {
      source: 'system',
      keep: '30d',
      command: ['printf', '%s\\n', '# of a host', 'load1 0.5', 'disk_used_bytes{mount="/a b"} 1e3'],
    };
    const outcome = await carry({ 'collect.values': values }, (same) => same);
    expect(outcome.ending, outcome.failure?.known).toBe('done');
    const found = await rows(
      db,
      "select name, value, now() - at < interval '1 minute' as now from collected_values order by 1",
    );
    expect(found).toEqual([
      { name: 'disk_used_bytes{mount="/a b"}', value: 1000, now: true },
      { name: 'load1', value: 0.5, now: true },
    ]);
  });

  test('as numbers are refused whole where one is none', async () => {
    const command = ['printf', '%s\\n', 'load1 0.5', 'load5 much'];
    const outcome = await carry({ 'collect.values': { source: 'system', keep: '30d', command } }, (same) => same);
    expect(outcome).toMatchObject({
      ending: 'partial',
      failure: { kind: 'step/output-unreadable', known: expect.stringContaining('line 2 is no name and a number') },
    });
    expect(await rows(db, 'select name from collected_values')).toEqual([]);
  });
});
