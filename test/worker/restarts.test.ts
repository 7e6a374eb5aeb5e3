import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sessions } from '../../activities/ssh/session.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { readSettings } from '../../apps/worker/settings.js';
import { hostNeeds } from '../../apps/worker/wiring/hosts.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { openRendering } from '../../apps/worker/wiring/rendering.js';
import { beginAttempts } from '../../database/attempts.js';
import { writeIntents } from '../../database/intents.js';
import { startUndo } from '../../database/begin-undo.js';
import type { PlannedStep } from '../../model/plan.js';
import { intent, phase, plan, running, step, withDatabase } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';

let postgres: TestPostgres;
let data: string;
beforeAll(async () => {
  [postgres, data] = await Promise.all([startPostgres(), mkdtemp(join(tmpdir(), 'belay-restarts-'))]);
}, 60_000);
afterAll(async () => Promise.all([postgres.stop(), rm(data, { recursive: true })]));

/** A step that can restart the service that `conf` makes owe it. */
function restarting(id: string): PlannedStep {
  return step(id, ['a'], {
    operations: [{ on: 'host', do: { text: 'true' }, service: 'web', restart: { text: 'true' } }],
  });
}

const conf = step('conf', ['a'], { owes: ['web'] });
const later = plan([phase('Conf', [['a']], [conf]), phase('Up', [['a']], [restarting('up'), restarting('again')])]);
const sooner = plan([phase('Conf', [['a']], [conf, restarting('here')]), phase('Up', [['a']], [restarting('up')])]);

describe('a service that owes a restart when the file that it reads is back', () => {
  it.each([
    ['the first step of a later phase that was tried', later, ['up', 'again'], ['up']],
    ['no step that was never tried there', later, [], []],
    ['the one step of a later phase that was tried', later, ['again'], ['again']],
    ['a step of the same phase, where there is one', sooner, ['up'], ['here']],
  ])('is restarted by %s', async (_what, of, tried, steps) =>
    withDatabase(postgres, async (db) => {
      const run = await running(db, of);
      const [begun] = await beginAttempts(db, run, 'conf', [{ host: 'a', attempt: 1 }]);
      await writeIntents(
        db,
        [intent(run, 'conf', 'a', begun?.holder ?? 0)],
        [{ host: 'a', service: 'web', step: 'conf' }],
      );
      for (const id of tried) await beginAttempts(db, run, id, [{ host: 'a', attempt: 1 }]);
      const undo = await startUndo(db, run, 'ada');
      const key = await openWorkerKey(data);
      const plans = openPlans(db);
      const settings = readSettings({ BELAY_DATA: data, BELAY_DATABASE_URL: 'unused', SSH_AUTH_SOCK: 'unused' });
      const needs = hostNeeds(db, plans, openRendering(db, plans, key), {} as Sessions, key, settings);
      const due = await needs.readRestarts({ run, undo, phase: 0, wave: 0, hosts: ['a'] });
      expect(due.map((one) => one.step.id)).toEqual(steps);
    }),
  );
});
