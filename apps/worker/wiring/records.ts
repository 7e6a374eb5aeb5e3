import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { RecordsNeeds } from '../../../activities/records/create.js';
import { firstOpenStep } from '../../../database/attempts.js';
import { beginWave, endWave } from '../../../database/budget.js';
import type { Database } from '../../../database/connect.js';
import { endRun } from '../../../database/end-run.js';
import { askApproval, openGate } from '../../../database/gates.js';
import { takeTurn } from '../../../database/lease-turns.js';
import { releaseLeases } from '../../../database/leases.js';
import { obey } from '../../../database/obey.js';
import { finishPhase, readOutline, readWave } from '../../../database/outlines.js';
import { writeResults } from '../../../database/results.js';
import { UnknownVerb } from '../../../database/refusals.js';
import { moveRun } from '../../../database/runs.js';
import { reopenTasks, settleTask } from '../../../database/tasks.js';
import { readTroubles, tellTrouble, tellTroubleOver } from '../../../database/trouble.js';
import { startUndo } from '../../../database/begin-undo.js';
import { finishUndo, readUndo, undoIsOpen, withdrawUndo, writeUndoResults } from '../../../database/undo.js';
import { whyNoUndo } from '../../../database/undo-scope.js';
import { readVerb, settleVerb } from '../../../database/verbs.js';
import { operationOf } from '../../../model/plan.js';
import {
  runWorkflowId,
  taskQueue,
  undoWorkflowId,
  type RunbookArgument,
  type UndoArgument,
} from '../../../workflows/messages.js';
import { livePlanNeeds } from './live-plans.js';
import type { Plans } from './plans.js';
import type { Rendering } from './rendering.js';
import type { TroubleRecords } from './trying-again.js';
import { wakeNext } from './wake-next.js';

/** Postgres and Temporal's client, as the functions that records activities ask for. */
export function recordsNeeds(
  db: Database,
  client: Client,
  plans: Plans,
  rendering: Rendering,
  ownQueue: string,
): RecordsNeeds {
  return {
    ownQueue,
    readOutline: async (run) => readOutline(db, run),
    prepareSecrets: async (run) => rendering.secrets.prepareRunSecrets(run, await plans.of(run)),
    moveRun: async (run, to, data) => moveRun(db, run, to, data),
    endRun: async (run, to, data) => {
      await endRun(db, run, to, data);
      await wakeNext(db, client);
    },
    ...livePlanNeeds(db),
    releaseLeases: async (run) => {
      await releaseLeases(db, run);
      await wakeNext(db, client);
    },
    takeTurn: async (run) => {
      const held = await takeTurn(db, run);
      if (held) await wakeNext(db, client);
      return held;
    },
    beginWave: async (run, phase, wave) => beginWave(db, run, phase, wave),
    endWave: async (run, phase, wave) => {
      await endWave(db, run, phase, wave);
      await wakeNext(db, client);
    },
    finishPhase: async (run, phase) => finishPhase(db, run, phase),
    readWave: async (run, phase, wave) => readWave(db, run, phase, wave),
    askApproval: async (run, phase, seconds) => askApproval(db, run, phase, seconds),
    openGate: async (run, phase) => openGate(db, run, phase),
    readVerb: async (verb) => readVerb(db, verb).catch(unknownVerb),
    settleVerb: async (verb, outcome) => settleVerb(db, verb, outcome),
    reopenTasks: async (run, tasks, by) => reopenTasks(db, run, tasks, by),
    skipTask: async (run, task, because, by) => settleTask(db, { run, ...task, state: 'skipped', because, by }),
    obey: async (verb, where, late) => obey(db, verb, where, late),
    writeResults: async (results) => writeResults(db, results),
    noteOf: async (run, step, host) => noteOf(plans, rendering, run, step, host),
    ...undoNeeds(db, client),
  };
}

/** What goes back, and what comes of it. */
function undoNeeds(
  db: Database,
  client: Client,
): Pick<
  RecordsNeeds,
  | 'whyNoUndo'
  | 'startUndo'
  | 'launchUndo'
  | 'launchRunbook'
  | 'readUndo'
  | 'undoIsOpen'
  | 'writeUndoResults'
  | 'finishUndo'
  | 'withdrawUndo'
  | 'runbookIsOpen'
> {
  return {
    whyNoUndo: async (run, scope) => whyNoUndo(db, run, scope),
    startUndo: async (run, by, scope) => startUndo(db, run, by, scope),
    launchUndo: async (run, undo) => launchUndo(client, run, undo),
    launchRunbook: async (run, after) => launchRunbook(client, run, after),
    readUndo: async (run, undo) => readUndo(db, run, undo),
    undoIsOpen: async (run, undo) => undoIsOpen(db, run, undo),
    writeUndoResults: async (run, undo, results) => writeUndoResults(db, run, undo, results),
    finishUndo: async (run, undo, state) => {
      await finishUndo(db, run, undo, state, true);
      await wakeNext(db, client);
    },
    withdrawUndo: async (run, undo, by) => {
      await withdrawUndo(db, run, undo, by);
      await wakeNext(db, client);
    },
    runbookIsOpen: async (run) => isOpen(client, runWorkflowId(run)),
  };
}

/** The events that tell why a run stands still though no host failed. */
export function troubleRecords(db: Database): TroubleRecords {
  return {
    tell: async (of, trouble) => tellTrouble(db, of, trouble),
    over: async (of, goesOn) => tellTroubleOver(db, of, goesOn),
    openStep: async (run, steps) => firstOpenStep(db, run, steps),
    standing: async ({ run, work }) => (await readTroubles(db, run)).get(work),
  };
}

function unknownVerb(error: unknown): undefined {
  if (error instanceof UnknownVerb) return undefined;
  throw error;
}

/** What a note says on this host; what a wait says is that it is over. */
async function noteOf(plans: Plans, rendering: Rendering, run: string, step: string, host: string): Promise<string> {
  const task = { run, step, host };
  const planned = (await plans.step(run, step)).step;
  const operation = operationOf(planned, host);
  if (operation?.on !== 'record') return 'waited';
  const rendered = await rendering.render(task, planned, operation);
  return (await rendering.filler(task, operation, rendered)).fill(operation.note).value;
}

/** Started already is as good as started, also where it has ended meanwhile: the workflow's id is the undo's. */
export async function launchUndo(client: Client, run: string, undo: number): Promise<void> {
  const argument: UndoArgument = { run, undo };
  try {
    await client.workflow.start('undo', {
      workflowId: undoWorkflowId(run, undo),
      taskQueue,
      args: [argument],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `undo of ${run}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/**
 * The run's workflow again: its earlier life ended when it handed over to undo. A second one too many sees so
 * (`undoIsOpen`).
 */
async function launchRunbook(client: Client, run: string, after: number): Promise<void> {
  const argument: RunbookArgument = { run, after };
  await client.workflow.start('runbook', {
    workflowId: runWorkflowId(run),
    taskQueue,
    args: [argument],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `${run}, on after undo ${after}`,
  });
}

async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
