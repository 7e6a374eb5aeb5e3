import { waitsForDecision } from '../../model/task/rounds.js';
import { standingOf } from '../../model/task/standing.js';
import type { RunState } from '../../model/states.js';
import type {
  Gate,
  LiveOutline,
  Result,
  RunOutline,
  TaskRecord,
  UndoneHost,
  UndoOutline,
  UndoResult,
  UndoScope,
  VerbOutcome,
  SaidVerb,
  WaveOutline,
} from '../../model/record.js';
import type { Value } from '../../model/value.js';
import type { GateStanding, RecordsActivities, Reopening, Wave } from './activities.js';

type Data = Readonly<Record<string, Value>>;
type TaskOf = { readonly step: string; readonly host: string };

/** Postgres and Temporal's client, as functions. */
export interface RecordsNeeds {
  /** The task queue that this worker alone takes from. */
  readonly ownQueue: string;
  readOutline(run: string): Promise<RunOutline>;
  prepareSecrets(run: string): Promise<void>;
  moveRun(run: string, to: RunState, data?: Data): Promise<void>;
  /** Moves the run to its end; its leases go with it, save where hosts must be made quiet first. */
  endRun(run: string, to: RunState, data?: Data): Promise<void>;
  releaseLeases(run: string): Promise<void>;
  takeTurn(run: string): Promise<boolean>;
  openLivePlan(live: string): Promise<LiveOutline>;
  closeLivePlan(live: string): Promise<string>;
  openRunLivePlan(run: string): Promise<LiveOutline>;
  /** What is otherwise than in the live plan that the run demands. */
  judgeLivePlan(run: string, live: string): Promise<string | undefined>;
  beginWave(run: string, phase: number, wave: number): Promise<boolean>;
  endWave(run: string, phase: number, wave: number): Promise<void>;
  finishPhase(run: string, phase: number): Promise<number | undefined>;
  readWave(run: string, phase: number, wave: number): Promise<WaveOutline>;
  askApproval(run: string, phase: number, seconds?: number): Promise<void>;
  openGate(run: string, phase: number): Promise<Gate>;
  readVerb(verb: string): Promise<SaidVerb | undefined>;
  settleVerb(verb: string, outcome: VerbOutcome): Promise<unknown>;
  reopenTasks(run: string, tasks: readonly TaskOf[], by: string): Promise<readonly unknown[]>;
  skipTask(run: string, task: TaskOf, because: string, by: string): Promise<void>;
  obey(verb: string, where: Wave, late: string): ReturnType<RecordsActivities['obey']>;
  writeResults(results: readonly Result[]): Promise<unknown>;
  noteOf(run: string, step: string, host: string): Promise<string>;
  whyNoUndo(run: string, scope: UndoScope): Promise<string | undefined>;
  startUndo(run: string, by: string, scope?: UndoScope): Promise<number>;
  launchUndo(run: string, undo: number): Promise<void>;
  launchRunbook(run: string, after: number): Promise<void>;
  readUndo(run: string, undo: number): Promise<UndoOutline>;
  undoIsOpen(run: string, undo: number): Promise<boolean>;
  writeUndoResults(run: string, undo: number, results: readonly UndoResult[]): Promise<void>;
  /** Closes the undo; where the run ends with it, its leases go, too. */
  finishUndo(run: string, undo: number, state: 'undone' | 'undo_incomplete'): Promise<void>;
  withdrawUndo(run: string, undo: number, by: string): Promise<void>;
  runbookIsOpen(run: string): Promise<boolean>;
}

/** Binds the activities to what they need. */
export function createRecordsActivities(needs: RecordsNeeds): RecordsActivities {
  return { ...walking(needs), ...looking(needs), ...listening(needs), ...goingBack(needs) };
}

/** Where a run stands, and what it finishes on its way. */
function walking(
  needs: RecordsNeeds,
): Pick<
  RecordsActivities,
  | 'beginRun'
  | 'moveRun'
  | 'endRun'
  | 'releaseLeases'
  | 'takeTurn'
  | 'beginWave'
  | 'endWave'
  | 'finishPhase'
  | 'ownQueue'
  | 'readWave'
  | 'recordStep'
> {
  return {
    beginRun: async (run) => {
      const outline = await needs.readOutline(run);
      await needs.prepareSecrets(run);
      if (outline.state === 'planned') await needs.moveRun(run, 'running');
      return outline;
    },
    moveRun: async (run, to, data) => needs.moveRun(run, to, data),
    endRun: async (run, to, data) => needs.endRun(run, to, data),
    releaseLeases: async (run) => needs.releaseLeases(run),
    takeTurn: async (run) => needs.takeTurn(run),
    beginWave: async (run, phase, wave) => needs.beginWave(run, phase, wave),
    endWave: async (run, phase, wave) => needs.endWave(run, phase, wave),
    finishPhase: async (run, phase) => needs.finishPhase(run, phase),
    ownQueue: async () => needs.ownQueue,
    readWave: async (run, phase, wave) => ({ ...(await needs.readWave(run, phase, wave)), queue: needs.ownQueue }),
    recordStep: async (run, step, hosts) => recordStep(needs, run, step, hosts),
  };
}

/** What would be done, before anything is. */
function looking(
  needs: RecordsNeeds,
): Pick<RecordsActivities, 'openLivePlan' | 'closeLivePlan' | 'openRunLivePlan' | 'judgeLivePlan'> {
  return {
    openLivePlan: async (live) => needs.openLivePlan(live),
    closeLivePlan: async (live) => needs.closeLivePlan(live),
    openRunLivePlan: async (run) => needs.openRunLivePlan(run),
    judgeLivePlan: async (run, live) => {
      await needs.closeLivePlan(live);
      return (await needs.judgeLivePlan(run, live)) ?? '';
    },
  };
}

/** What people say, and what becomes of it. */
function listening(
  needs: RecordsNeeds,
): Pick<
  RecordsActivities,
  'askApproval' | 'tryGate' | 'readVerb' | 'settleVerb' | 'reopenTasks' | 'skipTasks' | 'obey'
> {
  return {
    askApproval: async (run, phase, seconds) => {
      await needs.askApproval(run, phase, seconds);
      return gateStanding(await needs.openGate(run, phase));
    },
    tryGate: async (run, phase) => gateStanding(await needs.openGate(run, phase)),
    readVerb: async (verb) => needs.readVerb(verb),
    settleVerb: async (verb, outcome) => {
      await needs.settleVerb(verb, outcome);
    },
    reopenTasks: async (which, by) => (await needs.reopenTasks(which.run, await failedTasks(needs, which), by)).length,
    skipTasks: async (which, reason, by) => {
      const tasks = await failedTasks(needs, which);
      for (const task of tasks) await needs.skipTask(which.run, task, reason, by);
      return tasks.length;
    },
    obey: async (verb, { phase, wave }, late) => {
      const { accepted, decides } = await needs.obey(verb, { phase, wave }, late);
      return { accepted, decides };
    },
  };
}

/** What an undo reads and writes beside its steps. */
function goingBack(
  needs: RecordsNeeds,
): Pick<
  RecordsActivities,
  | 'whyNoUndo'
  | 'handOverToUndo'
  | 'goOnAfterUndo'
  | 'undoIsOpen'
  | 'readUndo'
  | 'recordUndo'
  | 'leaveTasks'
  | 'finishUndo'
  | 'withdrawUndo'
  | 'runbookIsOpen'
> {
  return {
    whyNoUndo: async (run, scope) => needs.whyNoUndo(run, scope),
    goOnAfterUndo: async (run, undo) => needs.launchRunbook(run, undo),
    undoIsOpen: async (run, undo) => needs.undoIsOpen(run, undo),
    handOverToUndo: async (run, by, scope) => {
      const undo = await needs.startUndo(run, by, scope);
      await needs.launchUndo(run, undo);
      return undo;
    },
    readUndo: async (run, undo) => ({ ...forWorkflow(await needs.readUndo(run, undo)), queue: needs.ownQueue }),
    recordUndo: async ({ run, undo, step, hosts }) => {
      const results = hosts.map((host): UndoResult => ({
        step,
        host,
        outcome: 'undone',
        summary: 'it changes nothing',
      }));
      await needs.writeUndoResults(run, undo, results);
      return results;
    },
    leaveTasks: async (run, undo, tasks, reason, by) => {
      const summary = `left as it is by ${by}: ${reason}`;
      await needs.writeUndoResults(
        run,
        undo,
        tasks.map(({ step, host, restarts }): UndoResult => ({
          ...{ step, host, outcome: 'left', summary },
          ...(restarts === undefined ? {} : { restarts }),
        })),
      );
    },
    finishUndo: async (run, undo) => {
      const outline = await needs.readUndo(run, undo);
      const left = outline.barriers
        .flatMap((barrier) => barrier.hosts)
        .filter((task) => task.outcome !== 'undone').length;
      await needs.finishUndo(run, undo, left === 0 ? 'undone' : 'undo_incomplete');
      return left;
    },
    withdrawUndo: async (run, undo, by) => needs.withdrawUndo(run, undo, by),
    runbookIsOpen: async (run) => needs.runbookIsOpen(run),
  };
}

/** Without images and failures: what a host held, and how it failed, is nothing for a workflow's history. */
function forWorkflow(outline: UndoOutline): UndoOutline<UndoneHost> {
  const known = ({ host, outcome }: UndoneHost): UndoneHost => (outcome === undefined ? { host } : { host, outcome });
  return {
    ...outline,
    barriers: outline.barriers.map((barrier) => ({ ...barrier, hosts: barrier.hosts.map(known) })),
  };
}

function gateStanding({ open, rejected, votes, wanted, left }: Gate): GateStanding {
  return { open, votes, wanted, ...(rejected ? { rejected } : {}), ...(left === undefined ? {} : { left }) };
}

/** The tasks of a wave that wait for a decision, as far as the operator named any. */
async function failedTasks(needs: RecordsNeeds, which: Reopening): Promise<TaskRecord[]> {
  const wave = await needs.readWave(which.run, which.phase, which.wave);
  return wave.tasks.filter(
    (task) =>
      waitsForDecision(task.state) &&
      (which.step ?? task.step) === task.step &&
      (which.host ?? task.host) === task.host,
  );
}

async function recordStep(
  needs: RecordsNeeds,
  run: string,
  step: string,
  hosts: readonly { readonly host: string; readonly attempt: number }[],
): ReturnType<RecordsActivities['recordStep']> {
  const results = await Promise.all(
    hosts.map(async ({ host, attempt }): Promise<Result> => {
      const summary = await needs.noteOf(run, step, host);
      return { run, step, host, attempt, ending: 'ok', milliseconds: 0, summary, registered: {} };
    }),
  );
  await needs.writeResults(results);
  return results.map(standingOf);
}
