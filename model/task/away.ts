import type { Failure } from '../failure.js';
import type { Operation } from '../operation.js';
import type { Intent, Result, Standing, TaskName, UndoResult } from '../record.js';
import type { Ending } from '../states.js';
import type { AwayNeeds, AwayRequest, AwayStepWork, AwayUndoRequest, AwayWork } from './away-needs.js';
import { proved } from './away-proof.js';
import type { EarlierIntent } from './beginning.js';
import { shortSummary, standingOf } from './standing.js';
import { beforeTakers } from './undone-by.js';

/** One try of one task. */
export interface AwayAttempt<O extends Operation> {
  readonly name: TaskName;
  readonly attempt: number;
  readonly holder: number;
  readonly step: Omit<AwayStepWork<O>, 'hosts'>;
  readonly work: AwayWork<O>;
  readonly cancelled: AbortSignal;
}

/** How an attempt came out, before it is written down. */
export interface AwayOutcome {
  readonly ending: Ending;
  readonly summary: string;
  readonly failure?: Failure;
  /** What `register` reads; never kept itself. */
  readonly output?: string;
  readonly preImage?: string;
  readonly postImage?: string;
}

/** One task on its way back. */
export type AwayUndo<O extends Operation> = Omit<AwayAttempt<O>, 'attempt' | 'cancelled'>;
export type AwayBack = Omit<UndoResult, 'step' | 'host' | 'holder'>;

const harmless: readonly (Ending | undefined)[] = ['ok', 'refused', 'unreachable', 'skipped'];

/** Whether something of this task may have been carried out already: then what it found before must not be read anew. */
export function mayHaveChanged(intents: readonly EarlierIntent[]): boolean {
  return intents.some((intent) => !harmless.includes(intent.ending));
}

/** What is announced before anything is sent: nobody but us keeps a journal, so nonce and boot id are empty. */
export function awayIntent({ name, attempt, holder }: Pick<AwayAttempt<never>, 'name' | 'attempt' | 'holder'>): Intent {
  return { ...name, attempt, holder, nonce: '', bootId: '', part: 'do', undo: 0 };
}

/** The same of a task that goes back: with its highest attempt. */
export function awayUndoIntent(of: Parameters<typeof awayIntent>[0], undo: number): Intent {
  return { ...awayIntent(of), part: 'undo', undo };
}

/**
 * One step for the hosts of a wave. They go one after another: hosts of one cluster change the same thing, and must
 * not get into each other's way. Each result is written as soon as it is there.
 */
export async function runAway<O extends Operation>(
  needs: AwayNeeds<O>,
  request: AwayRequest,
  attemptOn: (attempt: AwayAttempt<O>) => Promise<AwayOutcome>,
): Promise<Standing[]> {
  const life = needs.alive();
  try {
    const begun = await needs.beginAttempts(request.run, request.step, request.hosts);
    // Read only now: whoever had these hosts before can announce nothing more that this would not show.
    const { hosts, ...step } = await needs.readStep(request);
    const standings: Standing[] = [];
    for (const one of begun) {
      const { host, attempt, holder } = one;
      const name = { run: request.run, step: request.step, host };
      const work = mustHave(hosts, name);
      const trying = async (): Promise<Result> => {
        const began = needs.now();
        const came = await attemptOn({ name, attempt, holder, step, work, cancelled: life.cancelled });
        const { outcome, registered } = await proved(needs, step, name, came);
        return resultOf(
          { ...name, attempt, holder, ...(step.reads && { reads: true }) },
          { ...outcome, registered },
          needs.now() - began,
        );
      };
      const result = one.result ?? (await life.unlessDetached(trying()));
      if (!one.result) await needs.writeResults([result]);
      standings.push(standingOf(result));
    }
    return standings;
  } finally {
    life.end();
  }
}

/**
 * One step back for the hosts of a barrier, in the opposite order: where several hosts changed one thing in turn, the
 * later change goes first. Safe to repeat at any point; a cancel does not reach it.
 */
export async function undoAway<O extends Operation>(
  needs: AwayNeeds<O>,
  request: AwayUndoRequest,
  goBack: (undo: AwayUndo<O>) => Promise<AwayBack>,
): Promise<UndoResult[]> {
  const life = needs.alive();
  try {
    const { hosts, none, takers, ...step } = await needs.readUndo(request);
    const begun = await needs.beginUndoAttempts(request.run, request.undo, request.step, request.hosts);
    const results: UndoResult[] = [];
    for (const { host, attempt, holder } of begun.toReversed()) {
      const name = { run: request.run, step: request.step, host };
      const work = mustHave(hosts, name);
      const going = async (): Promise<AwayBack> => {
        if (!mayHaveChanged(work.intents)) return { outcome: 'undone', summary: 'it had changed nothing' };
        if (none !== undefined) return { outcome: 'left', summary: `cannot be undone: ${none}` };
        if (takers) return beforeTakers(`to undo ${step.name} (${name.step}) for ${host}`, takers.get(host) ?? []);
        await needs.announceUndo(awayUndoIntent({ name, attempt, holder }, request.undo));
        return goBack({ name, holder, step, work });
      };
      const result = { step: request.step, host, holder, ...(await life.unlessDetached(going())) };
      await needs.writeUndoResults(request.run, request.undo, [result]);
      results.push(result);
    }
    return results;
  } finally {
    life.end();
  }
}

/** The same needs, with the step's own limit for asking what became of a request. */
export function askingFor<N extends { readonly limits: { readonly outcome: number } }>(
  needs: N,
  { lostAfter }: { readonly lostAfter?: number },
): N {
  if (lostAfter === undefined) return needs;
  return { ...needs, limits: { ...needs.limits, outcome: lostAfter * 1000 } };
}

function mustHave<O extends Operation>(hosts: ReadonlyMap<string, AwayWork<O>>, { step, host }: TaskName): AwayWork<O> {
  const work = hosts.get(host);
  if (!work) throw new Error(`step ${step} has no operation for host ${host}`);
  return work;
}

function resultOf(
  attempt: TaskName & Pick<Result, 'attempt' | 'holder' | 'reads'>,
  outcome: Omit<AwayOutcome, 'output'> & Pick<Result, 'registered'>,
  milliseconds: number,
): Result {
  return { ...attempt, ...outcome, summary: shortSummary(outcome.summary), milliseconds };
}
