import { allHandlersFinished, CancellationScope, condition, patched, setHandler } from '@temporalio/workflow';
import type { VerbRecord } from '../model/record.js';
import { moveOf, whyNot, type VerbState } from '../model/verb-moves.js';
import { verbUpdate, type PhaseArgument } from './messages.js';
import { records } from './reach.js';

/** What became of a word about tasks, hosts or the plan. */
export interface Obeyed {
  readonly accepted: boolean;
  readonly decides: boolean;
}

/** The verbs that wait for this workflow's main loop: handlers only enqueue, one verb is applied at a time. */
export interface Inbox {
  /** Waits until a verb is there, or `until` holds, or `seconds` have passed. */
  wait(until?: () => boolean, seconds?: number): Promise<'verb' | 'until' | 'time'>;
  /**
   * The next verb that is allowed in `state`, from Postgres; those that are not allowed are refused on the way.
   * Undefined where none is left.
   */
  next(state: VerbState): Promise<VerbRecord | undefined>;
  settle(verb: VerbRecord, because: string): Promise<void>;
  refuse(verb: VerbRecord, because: string): Promise<void>;
  /** Refuses what somebody else's word has overtaken, and names that word. */
  tooLate(verb: VerbRecord, because: string): Promise<void>;
  /**
   * Does what a word about tasks, hosts or the plan asks for and settles it, in one transaction.
   *
   * @returns whether it was obeyed, and whether that decides what the run waits for
   */
  obey(verb: VerbRecord, where: PhaseArgument): Promise<Obeyed>;
  /** Tells those who are still waiting why they come too late, and waits for handlers, so that nobody waits for ever. */
  close(because: string): Promise<void>;
  /** Verbs that nobody has looked at yet, for the workflow that goes on as a new one. */
  left(): Promise<readonly string[]>;
}

/** What a cancel from Temporal's side stands for. No row holds it, so there is no outcome to write. */
const fromTemporal = (run: string): VerbRecord => ({
  id: '',
  run,
  verb: 'cancel',
  arguments: { then: 'stop' },
  by: 'Temporal',
});

/** Opens the inbox; the scope it is opened in is the one whose cancellation counts as `cancel: stop`. */
export function openInbox(run: string, left: readonly string[] = []): Inbox {
  const waiting: string[] = [...left];
  const scope = CancellationScope.current();
  let cancelSeen = false;
  let obeyed: VerbRecord | undefined;
  setHandler(
    verbUpdate,
    (verb) => {
      if (!waiting.includes(verb)) waiting.push(verb);
    },
    { description: 'An operator has spoken; the word itself is read from Postgres' },
  );
  const answer = async (verb: VerbRecord, accepted: boolean, because: string): Promise<void> => {
    if (verb.id !== '') await records.settleVerb(verb.id, { accepted, because });
  };
  const taken = async (): Promise<VerbRecord | undefined> => firstOf(waiting, run);
  const winner = (): string => overtakenBy(obeyed);
  const cancelled = (): boolean => scope.consideredCancelled && !cancelSeen;
  return {
    wait: async (until = () => false, seconds) => {
      const ready = (): boolean => waiting.length > 0 || cancelled() || until();
      const inTime = seconds === undefined ? (await condition(ready), true) : await condition(ready, seconds * 1000);
      if (!inTime) return 'time';
      return waiting.length > 0 || cancelled() ? 'verb' : 'until';
    },
    next: async (state) => {
      if (cancelled()) {
        cancelSeen = true;
        return fromTemporal(run);
      }
      for (let verb = await taken(); verb; verb = await taken()) {
        const because = whyNot(moveOf(verb), state);
        if (because === undefined) return verb;
        await answer(verb, false, because + winner());
      }
      return undefined;
    },
    settle: async (verb, because) => {
      obeyed = verb;
      await answer(verb, true, because);
    },
    refuse: async (verb, because) => answer(verb, false, because),
    tooLate: async (verb, because) => answer(verb, false, because + winner()),
    obey: async (verb, where) => {
      const became = await records.obey(verb.id, where, winner());
      if (became.accepted) obeyed = verb;
      return became;
    },
    close: async (because) => {
      await condition(allHandlersFinished);
      for (let verb = await taken(); verb; verb = await taken()) await answer(verb, false, because + winner());
    },
    left: async () => {
      await condition(allHandlersFinished);
      return waiting;
    },
  };
}

/** The next word that Postgres knows to be about this run; made-up nudges, and words that were answered, are passed over. */
async function firstOf(waiting: string[], run: string): Promise<VerbRecord | undefined> {
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const verb = await records.readVerb(id);
    if (verb?.run !== run) continue;
    // A word can be told again by whoever thought that nobody had heard it.
    if (!verb.outcome || !patched('answered words are passed over')) return verb;
  }
  return undefined;
}

/** Whoever comes second learns who was first. */
function overtakenBy(first: VerbRecord | undefined): string {
  return first ? ` (the last word obeyed was ${first.verb}, by ${first.by})` : '';
}
