import type { LdapLookNeeds } from '../../../activities/ldap/look-at-directories.js';
import type { LdapNeeds, LdapStepWork, LdapWork } from '../../../activities/ldap/needs.js';
import { liveness } from '../../../activities/ssh/liveness.js';
import { beginAttempts } from '../../../database/attempts.js';
import type { Database } from '../../../database/connect.js';
import { readIntents } from '../../../database/intents.js';
import { keepLooks } from '../../../database/live-plans.js';
import { holdsMachine } from '../../../database/machines.js';
import { readPlan } from '../../../database/plans.js';
import { keepPreImage, readPreImage } from '../../../database/pre-images.js';
import { writeResults } from '../../../database/results.js';
import { beginUndoAttempts, writeUndoResults } from '../../../database/undo.js';
import { maskOf } from '../../../model/mask.js';
import { operationOf, type PlannedStep } from '../../../model/plan.js';
import { setInJson } from '../../../model/transforms/json-text.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';
import type { Plans } from './plans.js';
import { preview } from './preview.js';
import type { Rendering } from './rendering.js';

/** Postgres, plan and secrets, as the functions that directory activities ask for. */
export function directoryNeeds(
  db: Database,
  plans: Plans,
  rendering: Rendering,
  key: WorkerKey,
  settings: Settings,
): LdapNeeds & LdapLookNeeds {
  const workOn = async (run: string, step: PlannedStep, host: string): Promise<LdapWork> => {
    const operation = operationOf(step, host);
    if (operation?.on !== 'ldap') throw new Error(`${step.id} does nothing in a directory for ${host}`);
    const intents = (await readIntents(db, run, step.id)).filter(
      (intent) => intent.host === host && intent.part === 'do',
    );
    return { operation, intents };
  };
  const work = async (run: string, step: PlannedStep, hosts: readonly string[]): Promise<LdapStepWork['hosts']> =>
    new Map(await Promise.all(hosts.map(async (host) => [host, await workOn(run, step, host)] as const)));
  return {
    alive: liveness,
    ...looking(db, rendering),
    readStep: async ({ run, step: id, hosts }) => {
      const { step } = await plans.step(run, id);
      const names = hosts.map((one) => one.host);
      return { name: step.name, ...patience(step), hosts: await work(run, step, names) };
    },
    beginAttempts: async (run, step, hosts) => beginAttempts(db, run, step, hosts),
    values: async (task, operation) => {
      const { step } = await plans.step(task.run, task.step);
      const rendered = await rendering.render(task, step, operation);
      return { when: rendered.when, ...(await rendering.filler(task, operation, rendered)) };
    },
    holds: async (task, holder) => holdsMachine(db, task.run, task.host, holder),
    keepPreImage: async (intent, sealed) => {
      const { owes } = (await plans.step(intent.run, intent.step)).step;
      const owing = owes.map((service) => ({ host: intent.host, service, step: intent.step }));
      return keepPreImage(db, intent, sealed, owing);
    },
    readPreImage: async (task) => readPreImage(db, task),
    seal: async (value) => key.seal(value),
    open: async (sealed) => key.open(sealed),
    writeResults: async (results) => {
      await writeResults(db, results);
    },
    setInJson,
    readUndo: async ({ run, step: id, hosts }) => {
      const { step } = await plans.step(run, id);
      return {
        name: step.name,
        hosts: await work(run, step, hosts),
        ...(step.undo.how === 'none' ? { none: step.undo.because } : {}),
      };
    },
    beginUndoAttempts: async (run, undo, step, hosts) => beginUndoAttempts(db, run, undo, step, hosts),
    writeUndoResults: async (run, undo, results) => writeUndoResults(db, run, undo, results),
    limits: { connect: 10_000, request: 30_000, outcome: settings.BELAY_OUTCOME_SECONDS * 1000 },
  };
}

function patience({ lostAfter }: PlannedStep): { lostAfter?: number } {
  return lostAfter === undefined ? {} : { lostAfter };
}

/** What live plans ask for. */
function looking(
  db: Database,
  rendering: Rendering,
): Pick<LdapLookNeeds, 'readPlan' | 'previewValues' | 'masked' | 'keepLooks'> {
  return {
    readPlan: async (hash) => readPlan(db, hash),
    previewValues: async (plan, step, host, operation) => {
      const previewed = await preview(rendering, plan, step, host, operation);
      return 'before' in previewed ? previewed : { when: previewed.when, ...previewed.filler };
    },
    masked: (text, secrets) => maskOf(secrets).text(text),
    keepLooks: async (live, looks) => keepLooks(db, live, looks),
  };
}
