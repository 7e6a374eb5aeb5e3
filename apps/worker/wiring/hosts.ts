import type { LookNeeds } from '../../../activities/ssh/look-ahead.js';
import type { HostWork, StepNeeds } from '../../../activities/ssh/needs.js';
import type { Sessions } from '../../../activities/ssh/session.js';
import type { QuietNeeds, RestlessHost } from '../../../activities/ssh/quiet-hosts.js';
import type {
  RestartRequest,
  RestartWork,
  UndoNeeds,
  UndoRequest,
  UndoWork,
} from '../../../activities/ssh/undo-step.js';
import { beginAttempts, beginNext } from '../../../database/attempts.js';
import type { Database } from '../../../database/connect.js';
import { readIntents, writeIntents } from '../../../database/intents.js';
import { keepLooks } from '../../../database/live-plans.js';
import { askingHolder, takeHolder } from '../../../database/machines.js';
import { appendOutput, outputEnd } from '../../../database/output.js';
import { owedRestarts, owesRestart, payRestarts } from '../../../database/owed.js';
import { readPlan } from '../../../database/plans.js';
import { restlessTasks } from '../../../database/restless.js';
import { writeResults } from '../../../database/results.js';
import { readTasks, readTurns } from '../../../database/tasks.js';
import { beginRestarts } from '../../../database/undo-restarts.js';
import { beginUndoAttempts, readUndo, writeUndoResults } from '../../../database/undo.js';
import { leaseOf } from '../../../model/looking.js';
import { createMasker } from '../../../model/mask.js';
import { operationOf, type Plan, type PlannedStep } from '../../../model/plan.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';
import { nameOnHost } from '../../../model/task/name-on-host.js';
import { coveredBy, owedBack, takersOf } from '../../../model/task/undone-by.js';
import { collectionRecords } from './collection.js';
import { destinationOf, type Logins } from './destinations.js';
import type { Plans } from './plans.js';
import { preview } from './preview.js';
import type { Rendering } from './rendering.js';
import { transformContent } from './transform-content.js';

/** What every question about a host of a run is answered from. */
interface Sources extends Logins {
  readonly plans: Plans;
}

/** Postgres, plan and secrets, as the functions that host activities ask for. */
export function hostNeeds(
  db: Database,
  plans: Plans,
  rendering: Rendering,
  sessions: Sessions,
  key: WorkerKey,
  settings: Settings,
): UndoNeeds & QuietNeeds & LookNeeds {
  const sources = { db, plans, key, settings };
  return {
    ...recording(db, rendering, sessions, settings),
    collection: collectionRecords(db, plans),
    readWork: async ({ run, step: id, hosts }) => {
      const { plan, step } = await plans.step(run, id);
      const hints = [...(step.hints ?? []), ...(plan.hints ?? [])];
      return {
        step: { ...step, hints },
        hosts: await workOn(
          sources,
          run,
          plan,
          step,
          hosts.map(({ host }) => host),
        ),
      };
    },
    source: async (run, host) => {
      const plan = await plans.of(run);
      return sessions.open(await destinationOf(sources, plan, host), await askingHolder(db, leaseOf(plan, host)));
    },
    readUndoWork: async (request) => readUndoWork(sources, request),
    restlessHosts: async (run) => restlessHosts(sources, run),
    readPlan: async (hash) => readPlan(db, hash),
    plannedDestination: async (plan, host) => destinationOf(sources, plan, host),
    askingHolder: async (machine) => askingHolder(db, machine),
    preview: async (plan, step, host, operation, facts) => preview(rendering, plan, step, host, operation, facts),
    owesRestart: async (machine, service) => owesRestart(db, machine, service),
    keepLooks: async (live, looks) => keepLooks(db, live, looks),
    beginUndoAttempts: async (run, undo, step, hosts) => beginUndoAttempts(db, run, undo, step, hosts),
    writeUndoResults: async (run, undo, results) => writeUndoResults(db, run, undo, results),
    beginRestarts: async (run, undo, hosts) => beginRestarts(db, run, undo, hosts),
    readRestarts: async (request) => readRestarts(sources, request),
  };
}

/** What a step does on each of these hosts, and what is known of its present turn there. */
async function workOn(
  sources: Sources,
  run: string,
  plan: Plan,
  step: PlannedStep,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, HostWork>> {
  const intents = (await readIntents(sources.db, run, step.id)).filter((intent) => intent.part === 'do');
  const turns = await readTurns(sources.db, run, step.id);
  const logins = { ...sources, opened: new Map() };
  const work = await Promise.all(
    hosts.map(async (host) => {
      const operation = operationOf(step, host);
      if (operation?.on !== 'host') throw new Error(`${step.id} does nothing over SSH on ${host}`);
      const destination = await destinationOf(logins, plan, host);
      const mine = intents.filter((intent) => intent.host === host);
      return [host, { destination, operation, intents: mine, turn: turns.get(host) ?? 0 }] as const;
    }),
  );
  return new Map(work);
}

async function readUndoWork(sources: Sources, { run, undo, wave, step: id, hosts }: UndoRequest): Promise<UndoWork> {
  const { plan, step } = await sources.plans.step(run, id);
  const outline = await readUndo(sources.db, run, undo);
  const barrier = outline.barriers.find((one) => one.step === id && one.wave === wave);
  const work = [...(await workOn(sources, run, plan, step, hosts))].map(([host, one]) => {
    const record = barrier?.hosts.find((task) => task.host === host);
    if (!record) throw new Error(`undo ${undo} of ${run} has no task ${id} on ${host}`);
    return [host, { ...one, record, takers: takersOf(plan, step, host, coveredBy(outline), outline.scope) }] as const;
  });
  return { step: { ...step, owes: owedBack(plan, step) }, hosts: new Map(work) };
}

async function restlessHosts(sources: Sources, run: string): Promise<RestlessHost[]> {
  const { db, plans } = sources;
  const plan = await plans.of(run);
  const restless = await restlessTasks(db, run);
  return Promise.all(
    [...new Set(restless.map((task) => task.host))].map(async (host) => ({
      host,
      destination: await destinationOf(sources, plan, host),
      holder: await takeHolder(db, leaseOf(plan, host)),
      tasks: restless.filter((task) => task.host === host).map((task) => nameOnHost(run, task.step, task.turn)),
    })),
  );
}

/** A service on a host, and a step that knows how to restart it. */
interface Restarting {
  readonly step: PlannedStep;
  readonly host: string;
  readonly service: string;
}

/** Those of later phases that were tried and that none of this phase restarts, each service once. */
async function triedOnce(
  db: Database,
  run: string,
  later: readonly Restarting[],
  here: readonly Restarting[],
): Promise<Restarting[]> {
  if (later.length === 0) return [];
  const tried = (await readTasks(db, run)).filter(({ attempt }) => attempt > 0);
  return later
    .filter(({ step, host }) => tried.some((task) => task.step === step.id && task.host === host))
    .filter((one, place, all) => all.findIndex((other) => isSame(one, other)) === place)
    .filter((one) => !here.some((other) => isSame(one, other)));
}

function isSame(a: Pick<Restarting, 'host' | 'service'>, b: Pick<Restarting, 'host' | 'service'>): boolean {
  return a.host === b.host && a.service === b.service;
}

/** What restarts services of these hosts that owe it: steps of this phase, and of later ones, which are back already. */
async function readRestarts(sources: Sources, { run, phase, hosts }: RestartRequest): Promise<RestartWork[]> {
  const plan = await sources.plans.of(run);
  const restarting = (steps: readonly PlannedStep[]): Restarting[] =>
    steps.flatMap((step) => hosts.flatMap((host) => restartOn(step, host)));
  const here = restarting(plan.phases[phase]?.steps ?? []);
  const later = restarting(plan.phases.slice(phase + 1).flatMap(({ steps }) => steps));
  const owed = await owedRestarts(sources.db, run, [...here, ...later]);
  const due = (all: readonly Restarting[]): Restarting[] =>
    all.filter((one) => owed.some((other) => isSame(one, other)));
  const fromLater = await triedOnce(sources.db, run, due(later), here);
  return Promise.all(
    [...due(here), ...fromLater].map(async ({ step, host }) => {
      const work = (await workOn(sources, run, plan, step, [host])).get(host);
      if (!work) throw new Error(`${step.id} does nothing on ${host}`);
      return { step, host, work };
    }),
  );
}

/** What is written down while a step goes on, and the limits it keeps. */
function recording(
  db: Database,
  rendering: Rendering,
  sessions: Sessions,
  settings: Settings,
): Omit<StepNeeds, 'readWork' | 'source' | 'collection'> {
  return {
    sessions,
    beginAttempts: async (run, step, hosts) => beginAttempts(db, run, step, hosts),
    beginNext: async (run, next) => beginNext(db, run, next),
    writeIntents: async (intents, owes) => {
      await writeIntents(db, intents, owes);
    },
    writeResults: async (results) => {
      await writeResults(db, results);
    },
    render: async (task, step, operation, facts) => rendering.render(task, step, operation, facts),
    filler: async (task, operation, rendered) => rendering.filler(task, operation, rendered),
    transform: transformContent,
    assert: async (task, expression, facts, registered) => rendering.assert(task, expression, facts, registered),
    restartsOwed: async (run, host, service) => owedRestarts(db, run, [{ host, service }]),
    payRestarts: async (run, paid) => payRestarts(db, run, paid),
    outputEnd: async (name) => outputEnd(db, name),
    appendOutput: async (name, offset, bytes) =>
      appendOutput(db, { ...name, offset, bytes }, settings.BELAY_OUTPUT_BYTES),
    masker: createMasker,
    limits: {
      outcome: settings.BELAY_OUTCOME_SECONDS,
      look: settings.BELAY_LOOK_SECONDS,
      output: settings.BELAY_OUTPUT_BYTES,
    },
  };
}

function restartOn(step: PlannedStep, host: string): Restarting[] {
  const operation = operationOf(step, host);
  return operation?.on === 'host' && operation.service !== undefined && operation.restart
    ? [{ step, host, service: operation.service }]
    : [];
}
