import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeLivePlan, keepLooks, readLivePlan } from '../../database/live-plans.js';
import { releaseLeases } from '../../database/leases.js';
import { readOutline } from '../../database/outlines.js';
import { readPlan } from '../../database/plans.js';
import { moveRun } from '../../database/runs.js';
import type { Look } from '../../model/live/look.js';
import { keepPlan, underKey, type Api } from '../api/api.js';
import { phase, plan, step } from '../database/example.js';
import { openDesk, type Desk } from './desk.js';

describe('before a run and after it, the command line', () => {
  let desk: Desk;
  let api: Api;
  beforeAll(async () => {
    desk = await openDesk();
    api = desk.api;
  });
  afterAll(async () => desk.leave());

  const say: Desk['say'] = async (...words) => desk.say(...words);

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
