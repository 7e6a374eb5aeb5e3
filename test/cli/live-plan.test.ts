import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeLivePlan, keepLooks, readLivePlan } from '../../database/live-plans.js';
import { releaseLeases } from '../../database/leases.js';
import { readOutline } from '../../database/outlines.js';
import { readPlan } from '../../database/plans.js';
import { moveRun } from '../../database/runs.js';
import type { Look } from '../../model/live/look.js';
import { keepPlan, openApi, token, underKey, type Api } from '../api/api.js';
import { phase, plan, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { dataFolderFor, type, type Typed } from './cli.js';

describe('before a run and after it, the command line', () => {
  let postgres: TestPostgres;
  let api: Api;
  let data: string;
  let folder: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    api = await openApi(postgres);
    data = dataFolderFor(await api.listen(), token);
    folder = mkdtempSync(join(tmpdir(), 'belay-words-'));
    mkdirSync(join(folder, 'greeting'));
    cpSync('test/cases/cli/good.yaml', join(folder, 'greeting/runbook.yaml'));
    cpSync('test/cases/cli/inventory.yaml', join(folder, 'inventory.yaml'));
  });
  afterAll(async () => {
    await api.close();
    await postgres.stop();
    rmSync(data, { recursive: true });
    rmSync(folder, { recursive: true });
  });

  const say = async (words: string): Promise<Typed> => type(words, { folder, environment: { BELAY_DATA: data } });

  it('shows a live plan, and starts a run that demands it', async () => {
    const { database } = api.records;
    const diff = '--- /etc/greeting\n+++ /etc/greeting\n@@ -1,1 +1,1 @@\n-bye\n+hello\n';
    // The worker's part: it looks, keeps what it sees and closes the live plan.
    api.workflows.startLivePlan = async (live) => {
      const { plan: of } = await readPlanOf(live);
      const looks = of.phases.flatMap(({ steps }) =>
        steps.flatMap(({ id, tasks }) =>
          Object.keys(tasks).map((host): Look => ({ step: id, host, state: 'would_change', diff })),
        ),
      );
      await keepLooks(database, live, looks);
      await closeLivePlan(database, live);
    };
    const readPlanOf = async (live: string) => {
      const { planHash } = await readLivePlan(database, live);
      return { plan: await readPlan(database, planHash) };
    };
    const typed = await say('plan greeting -i inventory.yaml --live');
    expect(typed).toMatchObject({ code: 0, err: '' });
    expect(typed.out).toContain('~ ');
    expect(typed.out).toContain('    -bye\n');
    const [, hash = '', live = ''] = /--plan ([0-9a-f]{64}) --live-plan ([0-9a-f]{64})/.exec(typed.out) ?? [];
    const wrong = await say(`run start --plan ${hash} --live-plan ${'0'.repeat(64)} --yes`);
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('belay plan --live') });
    const started = await say(`run start --plan ${hash} --live-plan ${live} --yes`);
    const [, run = ''] = /started (greeting-\w+)/.exec(started.out) ?? [];
    expect(await readOutline(database, run)).toMatchObject({ looksFirst: true });
    await moveRun(database, run, 'cancelled');
    await releaseLeases(database, run);
  });

  it('acknowledges what a run left behind', async () => {
    const { database } = api.records;
    const hash = await keepPlan(api, plan([phase('Only', [['h']], [step('work', ['h'])])]));
    const { run } = (await api.ask('POST', '/v1/runs', { plan: hash }, underKey())).body as { run: string };
    for (const state of ['running', 'failed'] as const) await moveRun(database, run, state);
    expect((await say(`run acknowledge ${run}`)).code).toBe(2);
    expect((await say(`run acknowledge ${run} --reason looked`)).out).toContain('all of its hosts acknowledged');
  });
});
