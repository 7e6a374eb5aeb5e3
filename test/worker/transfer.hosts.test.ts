import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHostActivities } from '../../activities/ssh/activities.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { readSettings } from '../../apps/worker/settings.js';
import { hostNeeds } from '../../apps/worker/wiring/hosts.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { openRendering } from '../../apps/worker/wiring/rendering.js';
import { storeSecret } from '../../database/secrets.js';
import { readTasks } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import type { Plan } from '../../model/plan.js';
import { phase, plan, running, step, withDatabase } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { startSshd, type Sshd } from '../ssh/sshd.js';
import { compileStep } from '../steps/cases.js';

let postgres: TestPostgres;
let primary: Sshd;
let replica: Sshd;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync('/var/tmp/belay-transfer-');
  [postgres, primary, replica] = await Promise.all([startPostgres(), startSshd(), startSshd()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), primary.stop(), replica.stop()]);
  rmSync(folder, { recursive: true });
});

test("a worker carries a file between two hosts of a run, and undo brings the replica's own back", async () =>
  withDatabase(postgres, async (db) => {
    const [from, to] = [join(primary.folder, 'seed'), join(replica.folder, 'seed')];
    writeFileSync(from, 'the seed of the primary');
    writeFileSync(to, 'its own', { mode: 0o640 });
    const key = await openWorkerKey(folder);
    const seed = { transfer: { from: { host: 'primary', path: from }, path: to } };
    const of = plan([
      phase('All', [['primary', 'replica']], [step('seed', ['replica'], { operations: [compileStep(seed)] })]),
    ]);
    const placed = async (name: string, sshd: Sshd): Promise<Plan['hosts'][string]> => {
      const { address, port, user, hostKeys } = sshd.destination();
      const version = await storeSecret(db, name, await key.seal(sshd.userKey), 'ada');
      return { ...of.hosts[name]!, address, port, user, hostKeys, key: { secret: name, version } };
    };
    const hosts = { primary: await placed('primary', primary), replica: await placed('replica', replica) };
    const run = await running(db, { ...of, hosts });
    const plans = openPlans(db);
    const settings = readSettings({ BELAY_DATA: folder, BELAY_DATABASE_URL: 'unused' });
    // Two hosts on one machine: two journals are enough, since each names its host.
    const sessions = createSessions({ stateDirectory: replica.state });
    const activities = createHostActivities(
      hostNeeds(db, plans, openRendering(db, plans, key), sessions, key, settings),
    );
    const where = { run, phase: 0, wave: 0, step: 'seed' };
    const environment = (): MockActivityEnvironment => new MockActivityEnvironment();
    const standings = await environment().run(activities.runHostStep, {
      ...where,
      hosts: [{ host: 'replica', attempt: 1 }],
    });
    expect(standings).toMatchObject([{ host: 'replica', ending: 'done' }]);
    expect(readFileSync(to, 'utf8')).toBe('the seed of the primary');
    expect(await readTasks(db, run)).toMatchObject([{ host: 'replica', state: 'changed', ending: 'done' }]);
    const undo = await startUndo(db, run, 'ada');
    expect(await environment().run(activities.undoHostStep, { ...where, undo, hosts: ['replica'] })).toMatchObject([
      { outcome: 'undone' },
    ]);
    expect(readFileSync(to, 'utf8')).toBe('its own');
    await sessions.close();
  }));
