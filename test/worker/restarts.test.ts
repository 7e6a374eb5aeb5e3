import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MockActivityEnvironment } from '@temporalio/testing';
import { payRestarts } from '../../activities/ssh/pay-restarts.js';
import type { PartRequest, Sessions } from '../../activities/ssh/session.js';
import type { RestartRequest, UndoNeeds } from '../../activities/ssh/undo-step.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { readSettings } from '../../apps/worker/settings.js';
import { hostNeeds } from '../../apps/worker/wiring/hosts.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { openRendering } from '../../apps/worker/wiring/rendering.js';
import { beginAttempts } from '../../database/attempts.js';
import { writeIntents } from '../../database/intents.js';
import type { Database } from '../../database/connect.js';
import { readEvents } from '../../database/events.js';
import { owedRestarts } from '../../database/owed.js';
import { startUndo } from '../../database/begin-undo.js';
import { readUndo, writeUndoResults } from '../../database/undo.js';
import { readTasks } from '../../database/tasks.js';
import { Failed } from '../../model/failure.js';
import type { UndoResult, UndoScope } from '../../model/record.js';
import type { Plan, PlannedStep } from '../../model/plan.js';
import { intent, phase, plan, running, step, withDatabase } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';

let postgres: TestPostgres;
let data: string;
beforeAll(async () => {
  [postgres, data] = await Promise.all([startPostgres(), mkdtemp(join(tmpdir(), 'belay-restarts-'))]);
});
afterAll(async () => Promise.all([postgres.stop(), rm(data, { recursive: true })]));

/** A step that can restart the service that `conf` makes owe it. */
function restarting(id: string, service = 'web'): PlannedStep {
  return step(id, ['a'], {
    operations: [{ on: 'host', do: { text: 'true' }, service, restart: { text: `restart ${service}` } }],
  });
}

const conf = step('conf', ['a'], { owes: ['web'] });
const later = plan([phase('Conf', [['a']], [conf]), phase('Up', [['a']], [restarting('up'), restarting('again')])]);
const sooner = plan([phase('Conf', [['a']], [conf, restarting('here')]), phase('Up', [['a']], [restarting('up')])]);

/** All that restarts need, with hosts of these sessions. */
async function needsOf(db: Database, sessions = {} as Sessions): Promise<UndoNeeds> {
  const key = await openWorkerKey(data);
  const plans = openPlans(db);
  const settings = readSettings({ BELAY_DATA: data, BELAY_DATABASE_URL: 'unused', SSH_AUTH_SOCK: 'unused' });
  return hostNeeds(db, plans, openRendering(db, plans, key), sessions, key, settings);
}

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
      const needs = await needsOf(db);
      const due = await needs.readRestarts({ run, undo, phase: 0, wave: 0, hosts: ['a'] });
      expect(due.map((one) => one.step.id)).toEqual(steps);
    }),
  );
});

const names = ['web', 'mail', 'news'];
const upOn = names.map((name) => restarting(`${name}_up`, name));
const three = step('conf', ['a'], { owes: names });

/** A host that starts nothing for a holder below the highest that it has heard of, and what it was asked to do. */
function hostOf(asked: string[], code = 0): Sessions {
  let highest = 0;
  const stale = { kind: 'host/stale-holder', tried: 't', known: 'another one has the host', next: 'n' } as const;
  const open = async (_to: unknown, holder: number): Promise<unknown> => {
    if (holder < highest) throw new Failed(stale);
    highest = holder;
    const run = async ({ script, part }: PartRequest): Promise<unknown> => {
      await setImmediate();
      if (holder < highest) throw new Failed(stale);
      asked.push(`${part}: ${script.text}`);
      return { how: 'exited', code, milliseconds: 1 };
    };
    return { nonce: 'n', bootId: 'b', facts: {}, look: async () => ({ claims: [] }), run };
  };
  return { open } as unknown as Sessions;
}

/** A run that wrote what three services read, and is being undone; what was said of tasks so far. */
async function owing(db: Database, of: Plan, results: readonly UndoResult[], scope?: UndoScope): Promise<string> {
  const run = await running(db, of);
  const [begun] = await beginAttempts(db, run, 'conf', [{ host: 'a', attempt: 1 }]);
  await writeIntents(
    db,
    [intent(run, 'conf', 'a', begun?.holder ?? 0)],
    names.map((service) => ({ host: 'a', service, step: 'conf' })),
  );
  for (const { id } of upOn) await beginAttempts(db, run, id, [{ host: 'a', attempt: 1 }]);
  const undo = await startUndo(db, run, 'ada', scope);
  await writeUndoResults(db, run, undo, results);
  return run;
}

async function paid(
  db: Database,
  run: string,
  asked: string[],
  code?: number,
  more: Partial<RestartRequest> = {},
): Promise<UndoResult[]> {
  const needs = await needsOf(db, hostOf(asked, code));
  const request = { run, undo: 1, phase: 0, wave: 0, hosts: ['a'], ...more };
  return (await new MockActivityEnvironment().run(async () => payRestarts(needs, request))) as UndoResult[];
}

/** What each task of the run has come to, and what was said of restarts. */
async function stands(db: Database, run: string): Promise<Record<string, string>> {
  const said = (await readEvents(db, run, 0, 100)).filter(({ kind }) => kind === 'service-restarted');
  return {
    ...Object.fromEntries((await readTasks(db, run)).map((task) => [task.step, task.state])),
    ...Object.fromEntries(said.map(({ data: told }) => [String(told['service']), String(told['outcome'])])),
  };
}

describe('three services of one host that owe a restart', () => {
  const all = plan([phase('All', [['a']], [three, ...upOn])]);
  const done = { web: 'undone', mail: 'undone', news: 'undone' };

  it('restart without the one that a person has left, though its host is tried again', async () =>
    withDatabase(postgres, async (db) => {
      const run = await owing(db, all, []);
      const asked: string[] = [];
      await paid(db, run, asked, 1, { left: [{ host: 'a', service: 'mail' }] });
      expect(asked).toEqual(['undo: restart web', 'undo: restart news']);
    }));

  it('restart one after another, and none makes the host stale for another one', async () =>
    withDatabase(postgres, async (db) => {
      const run = await owing(db, all, []);
      const asked: string[] = [];
      await paid(db, run, asked);
      expect(asked).toEqual(names.map((name) => `undo: restart ${name}`));
      expect(await stands(db, run)).toMatchObject(done);
      const pairs = names.map((service) => ({ host: 'a', service }));
      expect(await owedRestarts(db, run, pairs)).toEqual([]);
    }));

  it('leave a service that somebody has left as it was: it is not undone by its restart', async () =>
    withDatabase(postgres, async (db) => {
      const left = { step: 'web_up', host: 'a', outcome: 'left', summary: 'left as it is by ada: so be it' } as const;
      const run = await owing(db, all, [left]);
      await paid(db, run, []);
      expect(await stands(db, run)).toMatchObject({ web_up: 'running', ...done });
      const { barriers } = await readUndo(db, run, 1);
      const came = barriers.map(({ step: id, hosts }) => [id, hosts[0]?.outcome]);
      expect(came).toContainEqual(['web_up', 'left']);
    }));

  it('are not undone where only what comes after them goes back', async () =>
    withDatabase(postgres, async (db) => {
      const run = await owing(db, plan([phase('All', [['a']], [...upOn, three])]), [], { to: 'conf' });
      await paid(db, run, []);
      expect(await stands(db, run)).toMatchObject({
        web_up: 'running',
        mail_up: 'running',
        news_up: 'running',
        ...done,
      });
    }));

  it('say which restart has failed, or was left, and not that the service has', async () =>
    withDatabase(postgres, async (db) => {
      const run = await owing(db, all, []);
      const results = await paid(db, run, [], 1);
      expect(results).toMatchObject(
        names.map((name) => ({ step: `${name}_up`, outcome: 'undo_failed', restarts: name })),
      );
      expect(await stands(db, run)).toMatchObject({ web_up: 'running', web: 'undo_failed' });
      const [web] = results;
      if (web) await writeUndoResults(db, run, 1, [{ ...web, outcome: 'left', summary: 'left as it is' }]);
      expect(await stands(db, run)).toMatchObject({ web_up: 'running', web: 'left' });
    }));
});
