// cspell:ignore AAAAC AAAAIABC AAAAIXYZ
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeLostRun } from '../../apps/api/close-lost-run.js';
import { sweep } from '../../apps/api/sweep.js';
import { releaseLeases } from '../../database/leases.js';
import { obeyEnded } from '../../database/obey-ended.js';
import { openRuns } from '../../database/open-runs.js';
import { moveRun, readRun } from '../../database/runs.js';
import { startRun } from '../../database/start-run.js';
import { startUndo } from '../../database/begin-undo.js';
import { finishUndo } from '../../database/undo.js';
import { commitVerb, readVerb, settleVerb, unsettledVerbs } from '../../database/verbs.js';
import type { Verb } from '../../model/record.js';
import { phase, plan, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { dataFolderFor, type } from '../cli/cli.js';
import { keepPlan, openApi, token, underKey, type Api } from './api.js';
import { startTemporal } from './temporal.js';

/** What the pretended host shows. */
const seenKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIABC';
const otherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIXYZ';

describe('between Postgres and Temporal', () => {
  let postgres: TestPostgres;
  let temporal: TestWorkflowEnvironment;
  let api: Api;
  let worker: Worker;
  let working: Promise<void>;
  beforeAll(async () => {
    [postgres, temporal] = await Promise.all([startPostgres(), startTemporal()]);
    api = await openApi(postgres, temporal.address);
    worker = await Worker.create({
      connection: temporal.nativeConnection,
      taskQueue: 'belay',
      workflowsPath: new URL('./pretended-workflows.ts', import.meta.url).pathname,
    });
    working = worker.run();
  });
  afterAll(async () => {
    worker?.shutdown();
    await working;
    await api?.close();
    await temporal?.teardown();
    await postgres?.stop();
  });

  /** A run as a crash leaves it: committed, and Temporal never told. */
  async function committed(): Promise<string> {
    const host = `h-${randomUUID().slice(0, 8)}`;
    const planHash = await keepPlan(api, plan([phase('Only', [[host]], [step('work', [host])])]));
    const run = `example-${randomUUID().slice(0, 8)}`;
    const { database } = api.records;
    await startRun(database, { run, planHash, by: 'ada', idempotencyKey: run, requestDigest: 'd' });
    return run;
  }

  async function begun(): Promise<string> {
    const run = await committed();
    await api.workflows.startRunbook(run, 'a run');
    await moveRun(api.records.database, run, 'running');
    return run;
  }

  /** Sets the clock of rows back, so that they look as if they had stood for long. */
  async function aged(): Promise<void> {
    const { database } = api.records;
    await database.query(
      "update runs set started_at = started_at - interval '1 hour', changed_at = changed_at - interval '1 hour'",
    );
    await database.query(
      "update verbs set at = at - interval '1 hour', delivered_at = delivered_at - interval '1 hour'",
    );
  }

  const swept = async (): Promise<void> => {
    await aged();
    await sweep(api.records, api.workflows);
  };
  const say = async (run: string, verb: Verb, args = {}) =>
    commitVerb(api.records.database, { id: randomUUID(), run, verb, arguments: args, by: 'ada' });
  const terminate = async (id: string) => temporal.client.workflow.getHandle(id).terminate('by a test');

  it('a run that was committed is started at once, with a summary for people', async () => {
    const hash = await keepPlan(api, plan([phase('Only', [['s1']], [step('work', ['s1'])])]));
    const { body } = await api.ask('POST', '/v1/runs', { plan: hash }, underKey());
    expect(await api.workflows.verdict(`run:${body.run}`)).toBe('RUNNING');
    const { staticSummary } = await temporal.client.workflow.getHandle(`run:${body.run}`).describe();
    expect(await staticSummary?.()).toBe('example: 1 phases on 1 host');
  });

  it('a run that a crash left unstarted is started by the sweep, once', async () => {
    const run = await committed();
    expect(await api.workflows.verdict(`run:${run}`)).toBe('FORGOTTEN');
    await swept();
    await swept();
    expect(await api.workflows.verdict(`run:${run}`)).toBe('RUNNING');
  });

  it('a run in line that a crash left unstarted is started, and woken once its turn has come', async () => {
    const { database } = api.records;
    const planHash = await keepPlan(api, plan([phase('Only', [['wanted']], [step('work', ['wanted'])])]));
    const [first, second] = ['first', 'second'].map((name) => `${name}-${randomUUID().slice(0, 8)}`) as [
      string,
      string,
    ];
    for (const run of [first, second])
      await startRun(database, { run, planHash, by: 'ada', idempotencyKey: run, requestDigest: 'd' });
    await swept();
    await swept();
    expect(await api.workflows.verdict(`run:${second}`)).toBe('RUNNING');
    expect((await readRun(database, second)).state).toBe('waiting');
    await moveRun(database, first, 'cancelled');
    await releaseLeases(database, first);
    await swept();
    await api.workflows.nudge(`run:${second}`, 'stop');
    expect(await temporal.client.workflow.getHandle(`run:${second}`).result()).toEqual(['woken', 'stop']);
    await moveRun(database, second, 'cancelled');
  });

  it('a verb that a crash left undelivered is delivered by the sweep', async () => {
    const run = await begun();
    const verb = await say(run, 'pause');
    await swept();
    expect(await unsettledVerbs(api.records.database, { untold: 0, told: 60_000 })).not.toContainEqual(
      expect.objectContaining({ id: verb.id }),
    );
    await api.workflows.nudge(`run:${run}`, 'stop');
    expect(await temporal.client.workflow.getHandle(`run:${run}`).result()).toEqual([verb.id, 'stop']);
  });

  it('a nudge that is delivered twice arrives once', async () => {
    const run = await begun();
    await api.workflows.nudge(`run:${run}`, 'one');
    await api.workflows.nudge(`run:${run}`, 'one');
    await api.workflows.nudge(`run:${run}`, 'stop');
    expect(await temporal.client.workflow.getHandle(`run:${run}`).result()).toEqual(['one', 'stop']);
  });

  it('a verb is told to the API’s caller as soon as it is settled', async () => {
    const run = await begun();
    const answer = api.ask('POST', `/v1/runs/${run}/verbs`, { verb: 'pause', arguments: {} }, underKey('pause-it'));
    await expect
      .poll(async () => (await api.records.database.query('select id from verbs where run = $1', [run])).length, {
        timeout: 30_000,
      })
      .toBe(1);
    const [row] = (await api.records.database.query('select id from verbs where run = $1', [run])) as { id: string }[];
    await settleVerb(api.records.database, row?.id ?? '', { accepted: true, because: 'the run pauses' });
    expect(await answer).toMatchObject({
      status: 200,
      body: { outcome: { accepted: true, because: 'the run pauses' } },
    });
  });

  it('a run that Temporal has terminated becomes failed, and its hosts are made quiet before they are given up', async () => {
    const run = await begun();
    await terminate(`run:${run}`);
    await swept();
    expect(await readRun(api.records.database, run)).toMatchObject({ state: 'failed', standing: { kind: 'run/lost' } });
    expect((await readRun(api.records.database, run)).standing['because']).toMatch(/terminated/);
    await swept();
    expect(await temporal.client.workflow.getHandle(`quiet:${run}`).result()).toBe(run);
  });

  it('a run that Temporal has forgotten becomes failed', async () => {
    const run = await committed();
    await moveRun(api.records.database, run, 'running');
    await swept();
    expect((await readRun(api.records.database, run)).standing['because']).toMatch(/knows nothing/);
  });

  it('a run that goes on, or has just moved, is left alone', async () => {
    const [goesOn, fresh] = [await begun(), await begun()];
    await terminate(`run:${fresh}`);
    await sweep(api.records, api.workflows);
    expect((await readRun(api.records.database, goesOn)).state).toBe('running');
    expect((await readRun(api.records.database, fresh)).state).toBe('running');
  });

  it('a run that moved while Temporal was asked is left alone', async () => {
    const run = await begun();
    const seen = (await openRuns(api.records.database)).find((one) => one.run === run);
    await moveRun(api.records.database, run, 'pausing');
    expect(seen).toBeDefined();
    expect(seen && (await closeLostRun(api.records, seen, 'TERMINATED'))).toBe(false);
    expect((await readRun(api.records.database, run)).state).toBe('pausing');
  });

  it('undo of a run that has ended begins a workflow of its own', async () => {
    const run = await begun();
    await moveRun(api.records.database, run, 'succeeded');
    const said = await api.ask('POST', `/v1/runs/${run}/verbs`, { verb: 'undo', arguments: {} }, underKey());
    expect(said).toMatchObject({ status: 200, body: { outcome: { accepted: true } } });
    expect(await api.workflows.verdict(`undo:${run}:1`)).toBe('RUNNING');
  });

  it('an undo that a crash left unstarted is started, and one that was terminated is incomplete', async () => {
    const run = await begun();
    await moveRun(api.records.database, run, 'succeeded');
    const undo = await startUndo(api.records.database, run, 'ada');
    await swept();
    expect(await api.workflows.verdict(`undo:${run}:${undo}`)).toBe('RUNNING');
    await terminate(`undo:${run}:${undo}`);
    await swept();
    expect((await readRun(api.records.database, run)).state).toBe('undo_incomplete');
  });

  it('while an undo is open it is the one that hears the verbs', async () => {
    const run = await begun();
    await moveRun(api.records.database, run, 'succeeded');
    const undo = await startUndo(api.records.database, run, 'ada');
    await api.workflows.startUndo(run, undo, 'an undo');
    const verb = await say(run, 'retry');
    await swept();
    await api.workflows.nudge(`undo:${run}:${undo}`, 'stop');
    expect(await temporal.client.workflow.getHandle(`undo:${run}:${undo}`).result()).toEqual([verb.id, 'stop']);
  });

  it('a verb to a run that has ended is refused by the sweep, too', async () => {
    const run = await begun();
    await moveRun(api.records.database, run, 'succeeded');
    const verb = await say(run, 'pause');
    await swept();
    expect((await readVerb(api.records.database, verb.id)).outcome).toMatchObject({ accepted: false });
  });

  it('a run that was terminated before it began becomes failed, and gives its hosts up', async () => {
    const run = await committed();
    await api.workflows.startRunbook(run, 'a run');
    await terminate(`run:${run}`);
    await swept();
    expect((await readRun(api.records.database, run)).state).toBe('failed');
    await swept();
    expect(await temporal.client.workflow.getHandle(`quiet:${run}`).result()).toBe(run);
  });

  it('a word that a workflow took and did not answer before it ended is obeyed once the run has ended', async () => {
    const run = await begun();
    const verb = await say(run, 'undo');
    await swept();
    await api.workflows.nudge(`run:${run}`, 'stop');
    expect(await temporal.client.workflow.getHandle(`run:${run}`).result()).toEqual([verb.id, 'stop']);
    await moveRun(api.records.database, run, 'cancelled');
    await swept();
    expect((await readVerb(api.records.database, verb.id)).outcome).toMatchObject({ accepted: true });
    expect(await api.workflows.verdict(`undo:${run}:1`)).toBe('RUNNING');
  });

  it('an undo that is asked for again under its key begins no second one', async () => {
    const run = await begun();
    await moveRun(api.records.database, run, 'succeeded');
    const key = underKey(`undo-${run}`);
    const ask = async () => api.ask('POST', `/v1/runs/${run}/verbs`, { verb: 'undo', arguments: {} }, key);
    const first = await ask();
    await finishUndo(api.records.database, run, 1, 'undo_incomplete');
    expect((await ask()).body).toEqual(first.body);
    expect((await readRun(api.records.database, run)).state).toBe('undo_incomplete');
  });

  it('an undo begins with its word, whatever dies in between, and no other one beside it', async () => {
    const { database } = api.records;
    const run = await begun();
    await moveRun(database, run, 'succeeded');
    const [whole, part] = [await say(run, 'undo'), await say(run, 'undo', { to: 'work' })];
    expect(await obeyEnded(database, whole.id)).toBe(1);
    expect(await obeyEnded(database, whole.id)).toBeUndefined();
    expect(await obeyEnded(database, part.id)).toBeUndefined();
    await swept();
    expect(await api.workflows.verdict(`undo:${run}:1`)).toBe('RUNNING');
    expect((await readVerb(database, whole.id)).outcome).toEqual({ accepted: true, because: 'undo 1 has begun' });
    expect((await readVerb(database, part.id)).outcome).toMatchObject({
      accepted: false,
      because: expect.stringContaining('undo 1, of another part of the run'),
    });
  });

  it('a host that does not answer holds up nobody for ever', async () => {
    const asked = api.workflows.ask('hostScan', `hostScan:${randomUUID()}`, { host: 'silent' }, 1);
    await expect(asked).rejects.toMatchObject({ kind: 'host/busy' });
  });

  it('keys are pinned in an inventory only where the fingerprint is the one expected', async () => {
    const folder = dataFolderFor(await api.listen(), token);
    const inventory = join(folder, 'inventory.yaml');
    const text =
      'hosts:\n  # Ours.\n  fine: { address: 192.0.2.1, key: { agent: true } }\n  broken: { address: 192.0.2.2, key: { agent: true } }\n';
    writeFileSync(inventory, text);
    const enrol = async (words: string) =>
      type(`host enrol ${words} -i inventory.yaml`, { folder, environment: { BELAY_DATA: folder } });
    expect(await enrol('broken --yes')).toMatchObject({ code: 1, err: expect.stringContaining('host/unreachable') });
    expect(await enrol('fine')).toMatchObject({ code: 2, out: expect.stringContaining('SHA256:abc') });
    expect(await enrol('fine --fingerprint SHA256:other')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing was pinned'),
    });
    expect(readFileSync(inventory, 'utf8')).toBe(text);
    expect(await enrol('fine --fingerprint SHA256:abc')).toMatchObject({
      code: 0,
      out: expect.stringContaining('pinned in inventory.yaml'),
    });
    const pinned = readFileSync(inventory, 'utf8');
    expect(pinned).toBe(text.replace('{ address: 192.0.2.1', `{ host_keys: ["${seenKey}"], address: 192.0.2.1`));
    expect(await enrol('fine --yes')).toMatchObject({ code: 0, out: expect.stringContaining('pinned already') });
    writeFileSync(inventory, pinned.replace(seenKey, otherKey));
    expect(await enrol('fine --yes')).toMatchObject({ code: 1, err: expect.stringContaining('pinned to other keys') });
    rmSync(folder, { recursive: true });
  });

  it('a host is asked through the worker, and its failure is told', async () => {
    const scan = async (host: string) => api.ask('POST', '/v1/hosts/scan', { host, address: host, port: 22 });
    expect(await scan('fine')).toMatchObject({ status: 200, body: { fingerprints: ['SHA256:abc'] } });
    expect(await scan('broken')).toMatchObject({
      status: 409,
      body: { kind: 'host/refused', detail: expect.stringContaining('host/unreachable') },
    });
  });
}, 60_000);
