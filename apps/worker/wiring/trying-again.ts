import type { Info } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { presentStep, type StepsRequest } from '../../../activities/ssh/run-steps.js';
import type { Trouble } from '../../../model/record.js';
import { runOf } from '../../../workflows/messages.js';
import { TryIsOver } from './fenced.js';
import { reasonOf } from './reason-of.js';

/** One activity of a run, over all its tries. */
export interface TroubledWork {
  readonly run: string;
  readonly work: string;
}

/** The run's events, as far as they tell of trouble. */
export interface TroubleRecords {
  tell(of: TroubledWork, trouble: Trouble): Promise<void>;
  over(of: TroubledWork, goesOn: boolean): Promise<void>;
  /** The first of these steps that has not ended everywhere. */
  openStep(run: string, steps: StepsRequest['steps']): Promise<string | undefined>;
  /** What was told last and is not over. */
  standing(of: TroubledWork): Promise<Trouble | undefined>;
}

interface Known {
  readonly trouble: Trouble;
  /** When it was written down; absent where the records were away themselves. */
  readonly told?: number;
}

/** What this worker remembers at most; of more, the oldest is forgotten and may be told once more. */
const most = 1000;
/** Milliseconds between two reasons for one and the same piece of work. */
const quiet = 60_000;
/** Milliseconds after which work that was taken over from a lost worker counts as going on. */
const settled = 15_000;

/**
 * Temporal tries an activity again for as long as its infrastructure fails, and nobody would see why a run stands
 * still. This tells it, once a reason and not at every try, and tells when it is over. What cannot be written because
 * the database itself is away is written at the first try at which it is there again.
 */
export class TryingAgain {
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly records: TroubleRecords,
    private readonly now: () => number = Date.now,
  ) {}

  /** Carries out one try of an activity. */
  async around(info: Info, args: readonly unknown[], carryOut: () => Promise<unknown>): Promise<unknown> {
    const run = runOf(info.workflowExecution?.workflowId ?? '');
    if (run === undefined) return carryOut();
    const of = { run, work: `${info.workflowExecution?.runId ?? ''}/${info.activityId}` };
    const taken = info.attempt > 1 || wasPassedOn(args) ? await this.#takeUp(of, args) : undefined;
    try {
      const result = await carryOut();
      await this.#over(of, true);
      return result;
    } catch (error) {
      // Another try has the work now, and tells of its own trouble.
      if (error instanceof TryIsOver) throw error;
      if (isTriedAgain(info, error)) await this.#failed(of, stepOf(args), reasonOf(error));
      else await this.#over(of, false);
      throw error;
    } finally {
      clearTimeout(taken);
    }
  }

  /** What an earlier try left: told by us or somebody else, not told yet, or a worker that is gone without a word. */
  async #takeUp(of: TroubledWork, args: readonly unknown[]): Promise<NodeJS.Timeout | undefined> {
    const known = this.#known.get(of.work);
    if (known !== undefined) {
      if (known.told === undefined) await this.#tell(of, known.trouble);
      return undefined;
    }
    const standing = await this.records.standing(of).catch(() => undefined);
    if (standing !== undefined) {
      this.#remember(of, { trouble: standing, told: this.now() });
      return undefined;
    }
    const step = stepOf(args) ?? (await this.records.openStep(of.run, stepsOf(args)).catch(() => undefined));
    await this.#tell(of, this.#trouble(step, 'the worker that did it has gone, or gave no sign of life'));
    return setTimeout(() => void this.#over(of, true), settled).unref();
  }

  async #failed(of: TroubledWork, step: string | undefined, because: string): Promise<void> {
    const known = this.#known.get(of.work);
    const trouble = { ...this.#trouble(step, because), ...(known && { since: known.trouble.since }) };
    const said = known?.told !== undefined && (known.trouble.because === because || this.now() - known.told < quiet);
    if (!said) await this.#tell(of, trouble);
  }

  async #tell(of: TroubledWork, trouble: Trouble): Promise<void> {
    this.#remember(of, { trouble });
    const told = await done(this.records.tell(of, trouble));
    if (told) this.#remember(of, { trouble, told: this.now() });
  }

  async #over(of: TroubledWork, goesOn: boolean): Promise<void> {
    const known = this.#known.get(of.work);
    this.#known.delete(of.work);
    if (known?.told !== undefined) await done(this.records.over(of, goesOn));
  }

  #trouble(step: string | undefined, because: string): Trouble {
    return { since: new Date(this.now()).toISOString(), because, ...(step === undefined ? {} : { step }) };
  }

  #remember(of: TroubledWork, known: Known): void {
    this.#known.delete(of.work);
    this.#known.set(of.work, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= most) break;
      this.#known.delete(oldest);
    }
  }
}

/** Telling of trouble must not make any. */
async function done(writing: Promise<void>): Promise<boolean> {
  return writing.then(
    () => true,
    () => false,
  );
}

/** Whether Temporal will try again after this error. */
function isTriedAgain({ attempt, retryPolicy }: Info, error: unknown): boolean {
  if (error instanceof CancelledFailure) return false;
  if (error instanceof ApplicationFailure && error.nonRetryable === true) return false;
  const type = error instanceof ApplicationFailure ? error.type : error instanceof Error ? error.name : undefined;
  if (type && retryPolicy?.nonRetryableErrorTypes?.includes(type)) return false;
  const tries = retryPolicy?.maximumAttempts ?? 0;
  return tries === 0 || attempt < tries;
}

/** Whether the workflow has asked another worker for it before, which Temporal counts as another activity. */
function wasPassedOn([request]: readonly unknown[]): boolean {
  return typeof request === 'object' && request !== null && 'passedOn' in request;
}

/** The step that an activity is about, where its request names one, or this worker is at one of its steps. */
function stepOf([request]: readonly unknown[]): string | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  return 'step' in request && typeof request.step === 'string' ? request.step : presentStep(request);
}

/** The steps of a request for several. */
function stepsOf([request]: readonly unknown[]): StepsRequest['steps'] {
  return typeof request === 'object' && request !== null && 'steps' in request
    ? (request.steps as StepsRequest['steps'])
    : [];
}
