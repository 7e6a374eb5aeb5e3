import { Context } from '@temporalio/activity';
import { Failed } from '../../model/failure.js';
import type { PlannedStep } from '../../model/plan.js';
import type { Intent, UndoResult, UndoTask } from '../../model/record.js';
import { nameOnHost } from '../../model/task/name-on-host.js';
import { beforeTakers, type Taker } from '../../model/task/undone-by.js';
import { liveness, type Liveness } from './liveness.js';
import type { HostWork, StepNeeds } from './needs.js';
import { failureOf, type Attempt } from './attempt.js';
import { restore } from './restore.js';
import { undoBySteps } from './undo-by-steps.js';

/** One step of an undo, on the hosts of one barrier. */
export interface UndoRequest {
  readonly run: string;
  readonly undo: number;
  readonly phase: number;
  readonly wave: number;
  readonly step: string;
  readonly hosts: readonly string[];
  /** Those of them of which a person has just said that they are to be tried again. */
  readonly retried?: readonly string[];
  /** Another worker was asked before, and may have begun. */
  readonly passedOn?: true;
}

/** What is known of a step that goes back. */
export interface UndoWork {
  readonly step: PlannedStep;
  readonly hosts: ReadonlyMap<string, UndoHostWork>;
}

/** What is known of it on one host. */
export interface UndoHostWork extends HostWork {
  readonly record: UndoTask;
  /** The steps that take it back there; none where it goes back otherwise. */
  readonly takers: readonly Taker[];
}

/** The hosts of one wave whose files are back. */
export interface RestartRequest {
  readonly run: string;
  readonly undo: number;
  readonly phase: number;
  readonly wave: number;
  readonly hosts: readonly string[];
  /** Services that a person has said are to stay as they are, though others of their hosts are tried again. */
  readonly left?: readonly { readonly host: string; readonly service: string }[];
}

/** One service on one host that owes a restart. */
export interface RestartWork {
  readonly step: PlannedStep;
  readonly host: string;
  readonly work: HostWork;
}

export interface UndoNeeds extends StepNeeds {
  readUndoWork(request: UndoRequest): Promise<UndoWork>;
  beginUndoAttempts(
    run: string,
    undo: number,
    step: string,
    hosts: readonly string[],
  ): Promise<readonly { readonly host: string; readonly holder: number }[]>;
  /** Takes a holder number for each host, to restart services there. Throws where the run is not authorised. */
  beginRestarts(
    run: string,
    undo: number,
    hosts: readonly string[],
  ): Promise<readonly { readonly host: string; readonly holder: number }[]>;
  /** Services that owe a restart on these hosts, with the step of this phase, or of a later one, that knows how to restart them. */
  readRestarts(request: RestartRequest): Promise<readonly RestartWork[]>;
  writeUndoResults(run: string, undo: number, results: readonly UndoResult[]): Promise<void>;
}

/** How one host came out. */
export type WentBack = Omit<UndoResult, 'step' | 'host' | 'holder'>;

/** One host of the barrier: either reached, or why not. */
type Reached = { readonly host: string; readonly holder: number } & (
  ({ readonly attempt: Attempt } & Pick<UndoHostWork, 'record' | 'takers'>) | { readonly wentBack: WentBack }
);

/**
 * Takes one step back on the hosts of a barrier, in parallel. Safe to repeat at any point: restoring puts back exact
 * bytes, and what is back already is left alone. Intents are written before anything is sent, with the restarts that
 * putting files back will cause.
 */
export async function undoHostStep(needs: UndoNeeds, request: UndoRequest): Promise<UndoResult[]> {
  const life = liveness();
  try {
    const work = await needs.readUndoWork(request);
    const holders = await needs.beginUndoAttempts(request.run, request.undo, request.step, request.hosts);
    const reached = await Promise.all(
      holders.map(async ({ host, holder }) => reachOne(needs, request, work, host, holder, life)),
    );
    const there = reached.flatMap((one) => ('attempt' in one ? [one] : []));
    await needs.writeIntents(
      there.map(({ attempt, record }) => intentOf(attempt, request.undo, record.attempt)),
      there.flatMap(({ host }) => work.step.owes.map((service) => ({ host, service, step: request.step }))),
    );
    const results = await life.unlessDetached(
      Promise.all(
        reached.map(async (one) => ({
          step: request.step,
          host: one.host,
          holder: one.holder,
          ...('attempt' in one ? await survive(one, isRetried(request, one.host)) : one.wentBack),
        })),
      ),
    );
    await needs.writeUndoResults(request.run, request.undo, results);
    return results;
  } finally {
    life.end();
  }
}

function intentOf({ name, holder, session }: Attempt, undo: number, attempt: number): Intent {
  return { ...name, attempt, holder, nonce: session.nonce, bootId: session.bootId, part: 'undo', undo };
}

async function reachOne(
  needs: UndoNeeds,
  request: UndoRequest,
  work: UndoWork,
  host: string,
  holder: number,
  life: Liveness,
): Promise<Reached> {
  const hostWork = work.hosts.get(host);
  if (!hostWork) throw new Error(`step ${request.step} has no operation for host ${host}`);
  try {
    return {
      host,
      holder,
      attempt: await reach(needs, request, work.step, hostWork, host, holder, life),
      record: hostWork.record,
      takers: hostWork.takers,
    };
  } catch (error) {
    return { host, holder, wentBack: notBack(error) };
  }
}

/** A word counts once: what this activity itself may have begun is no matter of it. */
function isRetried({ retried, passedOn }: UndoRequest, host: string): boolean {
  return retried?.includes(host) === true && passedOn !== true && Context.current().info.attempt === 1;
}

async function survive(
  there: { attempt: Attempt } & Pick<UndoHostWork, 'record' | 'takers'>,
  retried: boolean,
): Promise<WentBack> {
  try {
    return await back(there.attempt, there, retried);
  } catch (error) {
    return notBack(error);
  }
}

/** A host's own failure is a result; anything else is infrastructure and is tried again. */
export function notBack(error: unknown): WentBack {
  if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
  return { outcome: 'undo_failed', failure: error.failure, summary: error.failure.known };
}

/** Opens a session with a step's attempt on one host, for going back. */
export async function reach(
  needs: UndoNeeds,
  request: { readonly run: string; readonly undo: number; readonly step: string },
  step: PlannedStep,
  work: HostWork,
  host: string,
  holder: number,
  { detached }: Liveness,
): Promise<Attempt> {
  const name = { run: request.run, step: request.step, host };
  const session = await needs.sessions.open(work.destination, holder);
  const rendered = await needs.render(name, step, work.operation, session.facts);
  const filler = await needs.filler(name, work.operation, rendered);
  // A cancel does not reach an undo.
  const signal = new AbortController().signal;
  return {
    name,
    undo: request.undo,
    task: nameOnHost(request.run, request.step, work.turn),
    attempt: 0,
    holder,
    step,
    work,
    session,
    filler,
    needs,
    signal,
    detached,
  };
}

/** Makes the host quiet for this task, then goes back in the way the plan says. */
async function back(
  attempt: Attempt,
  { record, takers }: Pick<UndoHostWork, 'record' | 'takers'>,
  retried: boolean,
): Promise<WentBack> {
  const { session, step, work } = attempt;
  const lost = work.intents.find((intent) => intent.nonce !== session.nonce);
  if (lost)
    return decideBecause(
      attempt,
      'host/journal-lost',
      'the journal on the host, with the pre-image, is gone; nothing was changed by this undo',
    );
  await session.quiet(attempt.task);
  const journal = await session.look(attempt.task);
  const claims = journal.claims.filter((claim) => claim.part === 'do');
  const rebooted = work.intents.some((intent) => intent.bootId !== session.bootId);
  // Losing power takes the last claims with it: where something may have been done, their absence says nothing then.
  if (claims.length === 0 && !(rebooted && record.acted))
    return { outcome: 'undone', ...idle(record), summary: 'it never began on this host' };
  // The ending is that of the last attempt; one before it may have acted.
  if (record.ending === 'refused' && !record.acted)
    return { outcome: 'undone', summary: 'it had refused; nothing was changed' };
  switch (step.undo.how) {
    case 'nothing':
      return { outcome: 'undone', summary: 'it changes nothing' };
    case 'none':
      return { outcome: 'left', summary: `cannot be undone: ${step.undo.because}` };
    case 'by':
      return beforeTakers(`to undo ${step.name} (${step.id}) on ${attempt.name.host}`, takers);
    case 'steps':
      return undoBySteps(attempt, step.undo.steps, retried);
    case 'restore':
      return restore(attempt, record, journal);
  }
}

/** The host knows better than the records whether anything was done. */
function idle({ acted }: UndoTask): Pick<WentBack, 'idle'> {
  return acted ? { idle: true } : {};
}

/** A state that only a person can judge. */
export function decideBecause(
  attempt: Attempt,
  kind: 'host/journal-lost' | 'undo/changed-since' | 'undo/impossible' | 'step/outcome-unknown',
  known: string,
  next = 'look at the host; put it right by hand and `retry`, or leave it as it is with `skip`',
): WentBack {
  const failure = failureOf(attempt, kind, known, next);
  return { outcome: 'decide', failure, summary: known };
}
