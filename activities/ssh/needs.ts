import type { Asserted } from '../../model/expression/assertion.js';
import type { Bytes, HostOperation, Transform } from '../../model/operation.js';
import type { PlannedStep } from '../../model/plan.js';
import type { Intent, Result, TaskName } from '../../model/record.js';
import type { EarlierIntent } from '../../model/task/beginning.js';
import type { DueAttempt } from '../../model/task/rounds.js';
import type { Text, Value } from '../../model/value.js';
import type { CollectionRecords } from './collection.js';
import type { Destination, Facts, Session, Sessions } from './session.js';

/** One step on some hosts of a wave, with the attempt that is due on each. */
export interface StepRequest {
  readonly run: string;
  readonly phase: number;
  readonly wave: number;
  readonly step: string;
  readonly hosts: readonly DueAttempt[];
}

/** What is known of one host before it is reached. */
export interface HostWork {
  readonly destination: Destination;
  readonly operation: HostOperation;
  /** Those of the present turn. */
  readonly intents: readonly EarlierIntent[];
  /** How many times the task has gone back to be done again; never where absent. */
  readonly turn?: number;
}

/** One step with all that carrying it out needs, from the stored plan and the records. */
export interface StepWork {
  readonly step: PlannedStep;
  readonly hosts: ReadonlyMap<string, HostWork>;
}

/** What is resolved once a task and kept: its condition, and the values of its holes that are no secrets. */
export interface Rendered {
  readonly when: boolean;
  readonly values: Readonly<Record<string, Value>>;
}

/** Fills the holes of a task's texts; remembers which secrets it handed out, so that output can be masked. */
export interface Filler {
  fill(text: Text): { readonly value: string; readonly secret: boolean };
  /** The value of a text that is nothing but one expression which the run has resolved, in its own type. */
  whole?(text: Text): Value | undefined;
  /** Every secret this task may show, for the masker. */
  readonly secrets: readonly string[];
}

/** Which stretch of a task's output is meant. */
export interface OutputName extends TaskName {
  readonly attempt: number;
  readonly part: 'do' | 'undo';
  /** For output of an undo: its number. */
  readonly undo?: number;
  readonly stream: 'stdout' | 'stderr';
}

export interface Masker {
  /** The bytes that may be kept so far, of the same length as what went in, less what is still held back. */
  push(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/** A debt: what became owed after it was read stays owed. */
export interface OwedRestart {
  readonly host: string;
  readonly service: string;
  readonly upTo: number;
}

/** An attempt with the holder number it was given; with its result where it has ended already. */
export interface Begun extends DueAttempt {
  readonly holder: number;
  readonly result?: Result;
}

/** All that carrying out a step needs of the rest of Belay. */
export interface StepNeeds {
  readonly sessions: Sessions;
  /** Another host of the run's plan, to be read from alone. @throws Failed `host/…` */
  source(run: string, host: string): Promise<Session>;
  readWork(request: StepRequest): Promise<StepWork>;
  /** Takes a holder number for each host. Throws where the run is not authorised. */
  beginAttempts(run: string, step: string, hosts: readonly DueAttempt[]): Promise<readonly Begun[]>;
  /**
   * As `beginAttempts`, with the holder numbers that a step before has taken, and with what that came to written
   * first. Undefined, and nothing begun, where somebody has said a word about the run that is not settled yet.
   */
  beginNext(
    run: string,
    next: { readonly step: string; readonly due: readonly Begun[]; readonly ended: readonly Result[] },
  ): Promise<readonly Begun[] | undefined>;
  writeIntents(
    intents: readonly Intent[],
    owes: readonly { host: string; service: string; step: string }[],
  ): Promise<void>;
  writeResults(results: readonly Result[]): Promise<void>;
  /** Resolves the task's condition and values once, or returns what was resolved before. */
  render(task: TaskName, step: PlannedStep, operation: HostOperation, facts: Facts): Promise<Rendered>;
  /** Opens the secrets that the operation needs, for this task alone. */
  filler(task: TaskName, operation: HostOperation, rendered: Rendered): Promise<Filler>;
  /** Applies a transform to what capture saved; may need secrets (a certificate's authority). */
  transform(transform: Transform, content: Uint8Array, filler: Filler): Promise<Uint8Array>;
  /** Evaluates CEL over what the task registered. */
  assert(
    task: TaskName,
    expression: string,
    facts: Facts,
    registered: Readonly<Record<string, Value>>,
  ): Promise<Asserted>;
  /** The restarts that a service of a host owes now; pay exactly these once a restart is verified. */
  restartsOwed(run: string, host: string, service: string): Promise<readonly OwedRestart[]>;
  payRestarts(run: string, paid: readonly OwedRestart[]): Promise<void>;
  outputEnd(name: OutputName): Promise<number>;
  appendOutput(name: OutputName, offset: number, bytes: Uint8Array): Promise<void>;
  masker(secrets: readonly string[]): Masker;
  readonly collection: CollectionRecords;
  readonly limits: {
    /** Seconds until a host that was lost in mid-`do` is given up as unknown. */
    readonly outcome: number;
    /** Seconds that check, capture and verify may take. */
    readonly look: number;
    /** Bytes of output a stream and task. */
    readonly output: number;
  };
}

/** Base64 of a file beside the runbook, as bytes. */
export function bytesOf(bytes: Bytes): Uint8Array {
  return Buffer.from(bytes.base64, 'base64');
}
