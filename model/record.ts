import type { Failure } from './failure.js';
import type { Ending, RunState, TaskState } from './states.js';
import type { Value } from './value.js';
import type { PlannedApproval, PlannedUndo, Retry } from './plan.js';

/** One step on one host, by name. Its name on the host is `<run>.<step>`, in that host's own journal. */
export interface TaskName {
  readonly run: string;
  readonly step: string;
  readonly host: string;
}

/** A run's shape as the `runbook` workflow needs it: names and counts, never operations or values. */
export interface RunOutline {
  readonly run: string;
  readonly state: RunState;
  readonly planHash: string;
  /** It waits in line for its leases. */
  readonly queued?: boolean;
  /** It demands that a live plan is still the one approved, and has not looked yet. */
  readonly looksFirst?: boolean;
  /** Its waves begin only where the budgets of groups have room. */
  readonly budgeted?: boolean;
  readonly phases: readonly {
    readonly name: string;
    readonly waves: readonly (readonly string[])[];
    readonly approval?: PlannedApproval;
    readonly onFailure: 'pause' | 'undo' | 'stop';
    /** A finished undo or an earlier life of the workflow may have left phases done. */
    readonly done: boolean;
    /** The first wave that still owes something; the first where none does. */
    readonly wave: number;
  }[];
}

/** Where a live plan has to look. */
export interface LiveOutline {
  readonly live: string;
  readonly planHash: string;
  /** Hosts on which a step acts over SSH. */
  readonly hosts: readonly string[];
  /** Whether a step acts in a directory. */
  readonly directories: boolean;
  /** The same for web servers and databases. */
  readonly webServers?: boolean;
  readonly databases?: boolean;
  readonly secrets?: boolean;
}

/** What the `phase` workflow needs to know of its wave. */
export interface WaveOutline {
  readonly phase: string;
  readonly maxFailures: number;
  readonly steps: readonly StepOutline[];
  readonly tasks: readonly TaskRecord[];
  /** The own task queue of the worker that has read it, which keeps the wave's connections from then on. */
  readonly queue?: string;
}

export interface StepOutline {
  readonly id: string;
  readonly name: string;
  readonly on: 'host' | 'ldap' | 'http' | 'sql' | 'secrets' | 'clock' | 'record';
  /** For `clock`: seconds to wait. */
  readonly seconds: number;
  readonly retry: Retry;
  readonly timeout: number;
  /** Seconds for which a lost host is asked again; absent where the step does not say. */
  readonly lostAfter?: number;
  readonly repeatable: boolean;
  readonly hosts: readonly string[];
}

/** Where a task stands, from Postgres. `attempt` is the highest one recorded, 0 where none is. */
export interface TaskRecord {
  readonly step: string;
  readonly host: string;
  readonly state: TaskState;
  readonly attempt: number;
  /** Whether that attempt has a result; without one, the same attempt is taken up again. */
  readonly settled: boolean;
  readonly ending?: Ending;
  readonly failure?: Failure;
}

/** Written to Postgres before anything is sent: from here on a `do` may have happened. */
export interface Intent extends TaskName {
  readonly attempt: number;
  readonly holder: number;
  /** The host journal's nonce; a different one later means that the journal was lost. Empty without a runner. */
  readonly nonce: string;
  readonly bootId: string;
  /** `do`, or `undo` with the number of the undo. */
  readonly part: 'do' | 'undo';
  readonly undo: number;
}

/** A transaction of a database, by names that it can be asked for later. */
export interface TransactionName {
  /** Which cluster, and which timeline of it: another one has other transactions under the same ids. */
  readonly cluster: string;
  /** As `pg_current_xact_id()` gives it. */
  readonly id: string;
}

/** A transaction that may have been committed for an attempt, or for an undo. */
export interface KeptTransaction extends TransactionName, Pick<Intent, 'attempt' | 'part' | 'undo'> {}

/** What one attempt came to. Small: at most 512 bytes of summary. */
export interface Result extends TaskName {
  readonly attempt: number;
  /** Under which it was got; a result of a holder that was displaced since does not count. */
  readonly holder?: number;
  readonly ending: Ending;
  /** Whether its step only reads. It decides the state of the task as the result is written, and is not kept. */
  readonly reads?: boolean;
  readonly exit?: number;
  readonly milliseconds: number;
  readonly summary: string;
  readonly failure?: Failure;
  /** What was registered, typed. */
  readonly registered: Readonly<Record<string, Value>>;
  readonly preImage?: string;
  readonly postImage?: string;
}

/** How one host stands after one attempt, as it goes back to the workflow. */
export interface Standing {
  readonly host: string;
  readonly attempt: number;
  readonly ending: Ending;
  readonly exit?: number;
  readonly milliseconds: number;
  readonly summary: string;
}

export const verbs = [
  'approve',
  'reject',
  'pause',
  'resume',
  'retry',
  'skip',
  'mark-done',
  'exclude',
  'edit',
  'cancel',
  'undo',
] as const;
export type Verb = (typeof verbs)[number];

/** An operator's word, as the API committed it before delivering it. */
export interface VerbRecord {
  readonly id: string;
  readonly run: string;
  readonly verb: Verb;
  readonly arguments: VerbArguments;
  readonly by: string;
}
/** A word, with what became of it where it was answered. */
export interface SaidVerb extends VerbRecord {
  readonly outcome?: VerbOutcome;
}
export interface VerbArguments {
  /** approve, reject: the phase's index; the hash of the plan that was read. edit: the hash of the plan to go on with. */
  readonly phase?: number;
  readonly planHash?: string;
  readonly comment?: string;
  /** retry, skip: which tasks; all that failed where absent. mark-done: the task. exclude: the host. */
  readonly step?: string;
  readonly host?: string;
  /** retry: all from this step on again, also what went well; on hosts where something failed alone, or on all. */
  readonly from?: string;
  readonly only?: 'failed-hosts';
  /** edit: the parameters that change, as they were entered. */
  readonly inputs?: Readonly<Record<string, Value>>;
  /** Why; recorded. */
  readonly reason?: string;
  /** undo: back to this step, which goes back too; or `host` alone. Everything where neither is said. */
  readonly to?: string;
  /** cancel: leave things as they are, or undo. */
  readonly then?: 'stop' | 'undo';
}

/** What became of a verb. */
export interface VerbOutcome {
  readonly accepted: boolean;
  /** Why not, or what it did; names the winner where another verb was first. */
  readonly because: string;
}

/** Something that happened to a run, numbered without gaps. */
export interface RunEvent {
  readonly run: string;
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, Value>>;
}

/** What keeps a run from going on though no host failed (a database away, a worker gone); it is tried again. */
export interface Trouble {
  /** The step that is held up, where it is one. */
  readonly step?: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly because: string;
}

/** One run, as lists and pages show it. */
export interface RunRecord {
  readonly run: string;
  readonly runbook: string;
  readonly planHash: string;
  readonly state: RunState;
  /** What the last move said about itself, such as what the run waits for. */
  readonly standing: Readonly<Record<string, Value>>;
  /** The operating-system user who started it; not authenticated. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly changedAt: string;
  readonly endedAt?: string;
  /** The newest undo. */
  readonly undo?: { readonly number: number; readonly open: boolean };
}

/** Where the gate before a phase stands. Only votes for the run's present plan, by distinct persons, are counted. */
export interface Gate {
  readonly asked: boolean;
  readonly open: boolean;
  readonly rejected?: { readonly by: string; readonly reason: string };
  readonly votes: number;
  readonly wanted: number;
  /** ISO 8601, UTC. Votes after it do not count. */
  readonly deadline?: string;
  /** Seconds until then, by the clock of Postgres; negative once it is over. */
  readonly left?: number;
}

/** How the undo of one task ended. `decide`: somebody else's later work is there. `left`: it stays by design. */
export type UndoOutcome = 'undone' | 'undo_failed' | 'decide' | 'left';

/** One undo of a run, as the `undo` workflow needs it: barriers in the order in which they go back. */
export interface UndoOutline<Task = UndoTask> {
  readonly run: string;
  readonly undo: number;
  readonly planHash: string;
  readonly open: boolean;
  /** Absent where the whole run goes back. */
  readonly scope?: UndoScope;
  /** It waits in line for its leases. */
  readonly queued?: boolean;
  readonly barriers: readonly UndoBarrier<Task>[];
  /** The own task queue of the worker that has read it. */
  readonly queue?: string;
}

/** What goes back of a run that goes on afterwards: what was done from a step on, or what was done on one host. */
export type UndoScope = { readonly to: string } | { readonly host: string };

/** All hosts of one wave that have tried one step; they go back together. */
export interface UndoBarrier<Task = UndoTask> {
  readonly phase: number;
  readonly wave: number;
  readonly step: string;
  readonly name: string;
  readonly on: StepOutline['on'];
  readonly how: PlannedUndo['how'];
  /** Seconds, as the step's. */
  readonly timeout: number;
  readonly hosts: readonly Task[];
}

/** What the workflow of an undo knows of a task: forty thousand of them must fit into one message. */
export type UndoneHost = Pick<UndoTask, 'host' | 'outcome'>;

export interface UndoTask {
  readonly host: string;
  /** The highest attempt recorded. */
  readonly attempt: number;
  /** Whether anything may have been sent to the host, and whether one of its attempts may have changed something. */
  readonly intent: boolean;
  readonly acted: boolean;
  readonly state: TaskState;
  readonly ending?: Ending;
  readonly preImage?: string;
  readonly postImage?: string;
  /** Whether the run has held the machine's lease without a break since the task's first intent. */
  readonly leaseKept: boolean;
  /** What this undo has already come to. */
  readonly outcome?: UndoOutcome;
  readonly failure?: Failure;
}

/** What one host came to in an undo. */
export interface UndoResult {
  readonly step: string;
  readonly host: string;
  /** Under which it was got, where something acted; it does not count where that one was displaced since. */
  readonly holder?: number;
  readonly outcome: UndoOutcome;
  /** The service whose restart came to it: how the task itself goes back, if it does, is another matter. */
  readonly restarts?: string;
  /** Of what is `undone` though by the records it had acted: it had not, so nothing of others went back with it. */
  readonly idle?: true;
  readonly failure?: Failure;
  readonly summary: string;
}
