import type { WeakAlgorithm } from './inventory/weak-algorithms.js';
import type { Budget } from './budget.js';
import type { Operation } from './operation.js';
import type { Parsing } from './parse/formats.js';
import type { ValueType } from './types/value-type.js';
import type { Template, Value } from './value.js';

/**
 * A runbook's revision, its inputs and its hosts, compiled. It is what is shown, hashed, approved, stored and
 * carried out; nothing is compiled again after it.
 */
export interface Plan {
  readonly format: 1;
  /** Version of the compiler; part of the hash, so that a newer compiler needs a new approval. */
  readonly compiler: string;
  readonly runbook: { readonly name: string; readonly about: string; readonly revision: string };
  /** Why its runs may go on beside one that holds the same machines; absent where they may not. */
  readonly onlyLooks?: string;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly hosts: Readonly<Record<string, PlannedHost>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** How many hosts of a group the runbook needs, where it says; a run cannot go on with fewer. */
  readonly minimums?: Readonly<Record<string, number>>;
  readonly secrets: Readonly<Record<string, PlannedSecret>>;
  /** Of groups on whose hosts it acts; absent where none has one. */
  readonly budgets?: Readonly<Record<string, Budget>>;
  readonly phases: readonly PlannedPhase[];
  /** Phases that are repeated over a list, perhaps over nothing; absent where none are. */
  readonly repetitions?: readonly PlannedRepetition[];
  /** Phases whose condition is false; absent where there are none. */
  readonly leftOut?: readonly LeftOutPhase[];
  /** Known errors of any step on a host; absent where there are none. */
  readonly hints?: readonly PlannedHint[];
  /** What cannot be known before the run, one sentence each. */
  readonly unknowns: readonly string[];
}

/** What a plan was compiled from: documents and files by path, in base64, and the inputs as they were entered. */
export interface PlanSources {
  readonly files: Readonly<Record<string, string>>;
  readonly runbook: string;
  readonly inventory: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** How one SSH server is reached and told from others, and who logs in there. */
export interface PlannedAccess {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned host keys, each `type base64` as in `known_hosts`. */
  readonly hostKeys: readonly string[];
  readonly key: { readonly agent: true } | PlannedKey;
  /** Algorithms accepted from it beside the strong ones; absent where there are none. */
  readonly weakAlgorithms?: readonly WeakAlgorithm[];
}

/** A stored private key, and the stored passphrase that opens it where it is encrypted. */
export interface PlannedKey {
  readonly secret: string;
  readonly version: number;
  readonly passphrase?: { readonly secret: string; readonly version: number };
}

/** A host on the way to another one; nothing is done on it. */
export interface PlannedHop extends PlannedAccess {
  readonly host: string;
}

export interface PlannedHost extends PlannedAccess {
  /** Acts as root by `sudo -n`; absent where the user itself acts. */
  readonly sudo?: true;
  /** The way to it, nearest to the worker first; absent where it is reached directly. */
  readonly jump?: readonly PlannedHop[];
  /** The machine behind the name, for leases: `address:port` unless the inventory declares another. */
  readonly machine: string;
  readonly values: Readonly<Record<string, Value>>;
}

/**
 * Where a declared secret comes from. Stored ones are pinned to a version; generated ones are made by the run, save
 * where a next value waits that they would be.
 */
export type PlannedSecret =
  /** `authority`: it holds a certificate and its key, PEM, and has these as parts. */
  | { readonly stored: string; readonly version: number; readonly authority?: true }
  | { readonly generate: { readonly length: number }; readonly next?: PlannedNext }
  | { readonly certificate_authority: { readonly name: string }; readonly next?: PlannedNext };

/** A secret that is the next value of a stored one. */
export interface PlannedNext {
  readonly stored: string;
  /** The version that is current when it is planned, and again when it is undone. */
  readonly after: number;
}

/** Phases that are repeated together: their steps, with the names of what these register. */
export type PlannedRepetition = readonly PlannedLoop[];

/** One entry of the list that phases are repeated over. */
export interface PlannedPhaseEntry {
  /** The number of the repetition among all of the plan. */
  readonly of: number;
  /** What tells its steps from those of the other entries: their ids end with it. */
  readonly key: string;
  readonly value: Value;
  /** Its number, from 0. */
  readonly index: number;
}

/** A phase that is written and not done. */
export interface LeftOutPhase {
  readonly name: string;
  /** CEL that is false. */
  readonly when: string;
  /** Its steps, by the ids that their author wrote: to others they have registered nothing. */
  readonly steps: readonly string[];
}

export interface PlannedPhase {
  readonly name: string;
  /** For which entry this is, where the phase is repeated. */
  readonly each?: PlannedPhaseEntry;
  /** The pattern or expression as written, for showing. */
  readonly hosts: string;
  /** Host names, at most 50 a wave, one wave after another. */
  readonly waves: readonly (readonly string[])[];
  readonly maxFailures: number;
  readonly onFailure: 'pause' | 'undo' | 'stop';
  readonly approval?: PlannedApproval;
  readonly steps: readonly PlannedStep[];
  /** The steps that are repeated, with the names of what they register; absent where none is. */
  readonly loops?: readonly PlannedLoop[];
  /** The fragments that are called, with what they give back; absent where none is. */
  readonly calls?: readonly PlannedCall[];
}

/** A step that is repeated, perhaps over nothing. */
export interface PlannedLoop {
  readonly id: string;
  readonly registers: readonly string[];
}

export interface PlannedApproval {
  readonly ask: string;
  readonly groups: readonly string[];
  readonly votes: number;
  /** Seconds; absent means no time limit. */
  readonly timeout?: number;
  /** There is no "approve" here, by design. */
  readonly onTimeout: 'stop' | 'undo';
}

export interface Retry {
  /** Tries in all, 1 or more. */
  readonly attempts: number;
  /** Seconds before the second try. */
  readonly interval: number;
  /** Factor by which the interval grows. */
  readonly backoff: number;
  /** Longest interval, seconds. */
  readonly cap: number;
}

/** One entry of the list that a step is repeated over. */
export interface PlannedEntry {
  /** The id of the step that is repeated. */
  readonly of: string;
  readonly value: Value;
  /** Its number, from 0. */
  readonly index: number;
}

/** What the expressions of a fragment can name besides the host: its own parameters and steps. */
export interface PlannedScope {
  /** What stands before the ids of its steps in this plan, with the dot. */
  readonly prefix: string;
  readonly param: Readonly<Record<string, Value>>;
  /** Parameters that only the run knows; absent where there are none. */
  readonly late?: Readonly<Record<string, PlannedLate>>;
}

/** What a call gives to a parameter of its fragment, where only the run knows it. */
export interface PlannedLate {
  /** Read in the scope of the caller. */
  readonly given: Template;
  /** What the fragment takes. */
  readonly type: ValueType;
}

/** A fragment where it is called. */
export interface PlannedCall {
  readonly id: string;
  readonly each?: PlannedEntry;
  readonly scope: PlannedScope;
  /** CEL in the fragment's scope, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** How a step goes back. */
export type PlannedUndo =
  | { readonly how: 'restore' }
  | { readonly how: 'steps'; readonly steps: readonly PlannedStep[] }
  | { readonly how: 'none'; readonly because: string }
  /** The undo of these earlier steps, all of them on the same host, takes its effect away with theirs. */
  | { readonly how: 'by'; readonly by: readonly string[] }
  | { readonly how: 'nothing' };

export interface PlannedStep {
  /**
   * Unique in the runbook. `ID.KEY` where the step `ID` or its phase is repeated, that of the phase first; `ID.INNER`
   * where `ID` calls a fragment.
   */
  readonly id: string;
  /** The entry that this is for, in a step that is repeated. */
  readonly each?: PlannedEntry;
  /** The fragment that this is a step of; absent for a step of the runbook itself. */
  readonly scope?: PlannedScope;
  /** What is so afterwards, in words. */
  readonly name: string;
  readonly kind: string;
  /** CEL, asked once a task. */
  readonly when?: string;
  readonly retry: Retry;
  /** Seconds that `do` may take on a host. */
  readonly timeout: number;
  /** Seconds for which a host that is lost in the midst of `do` is asked again; the worker's default where absent. */
  readonly lostAfter?: number;
  readonly repeatable: boolean;
  readonly readOnly: boolean;
  readonly register: Readonly<Record<string, Register>>;
  /** CEL over what was registered; false makes the task fail. */
  readonly assert: readonly string[];
  readonly undo: PlannedUndo;
  /** Known errors, and what to do about them; absent where there are none. */
  readonly hints?: readonly PlannedHint[];
  /** Names of services that owe a restart once this step has changed something. */
  readonly owes: readonly string[];
  /** Distinct operations; most steps have one for all hosts. */
  readonly operations: readonly Operation[];
  /** Which of `operations` each host carries out. */
  readonly tasks: Readonly<Record<string, number>>;
}

/** A known error of a script, and what to do about it. All that is said of the error must be so. */
export interface PlannedHint {
  /** RE2 patterns. */
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exit?: readonly number[];
  readonly advice: string;
}

export interface Register {
  readonly from: 'stdout' | 'stderr' | 'exit';
  readonly trim: boolean;
  readonly type: ValueType['type'];
  /** How the output is read; absent where it is one text. */
  readonly parse?: Parsing;
  /** The declared type of what is parsed. */
  readonly value?: ValueType;
}

/** True for a step that finds something out and changes nothing: its tasks are `ok` and never `changed`. */
export function onlyReads({ readOnly, undo }: PlannedStep): boolean {
  return readOnly || undo.how === 'nothing';
}

/** The operation of `step` on `host`; undefined where the host is not of the step. */
export function operationOf(step: PlannedStep, host: string): Operation | undefined {
  const index = step.tasks[host];
  return index === undefined ? undefined : step.operations[index];
}
