import type { Failure } from '../failure.js';
import type { Ending } from '../states.js';
import type { EarlierIntent } from './beginning.js';

/** Endings of an attempt that has found out what is so, or has made it so. */
const telling: readonly (Ending | undefined)[] = ['ok', 'done', 'partial'];

/** Whether nobody knows yet what an attempt before this one did. */
export function leftOpen(attempt: number, intents: readonly Pick<EarlierIntent, 'attempt' | 'ending'>[]): boolean {
  const before = intents.filter((one) => one.attempt < attempt);
  return before.some(
    ({ attempt: number, ending = 'unknown' }) =>
      ending === 'unknown' && !before.some((later) => later.attempt > number && telling.includes(later.ending)),
  );
}

/** How an attempt came out, as far as it matters here. */
interface Came {
  readonly ending: Ending;
  readonly failure?: Failure;
}

/**
 * What an attempt came to that surely did nothing itself: unknown where one before it left that open, for its task is
 * then neither failed nor unreachable. A step that refused by itself has run on its host, and is believed.
 */
export function orStillOpen<O extends Came>(
  came: O,
  attempt: number,
  intents: Parameters<typeof leftOpen>[1],
): O | (O & { readonly ending: 'unknown' }) {
  const { ending, failure } = came;
  const silent = ending === 'unreachable' || (ending === 'refused' && failure?.kind !== 'step/refused');
  if (!silent || !leftOpen(attempt, intents)) return came;
  const known = `${failure?.known ?? 'it did nothing'}; what an earlier try of it did is still not known`;
  return { ...came, ending: 'unknown', ...(failure && { failure: { ...failure, known } }) };
}
