import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../../model/failure.js';
import { ask } from './exchange.js';
import { unexpected } from './expected.js';
import { notSent, outcomeUnknown, type Trying } from './failures.js';
import type { HttpNeeds } from './needs.js';
import type { ReadyRequest } from './ready-request.js';

/** What a check says of the state now. */
export type Checked =
  | { readonly so: true }
  | { readonly so: false; readonly problem: string }
  /** It was not answered. */
  | { readonly so: undefined; readonly failure: Failure };

/** Asks once whether it is so. */
export async function checkOnce(
  needs: Pick<HttpNeeds, 'allowed' | 'limits'>,
  check: ReadyRequest,
  trying: Trying,
  stop: AbortSignal,
): Promise<Checked> {
  const asked = await ask(needs, check, stop);
  if (asked.how === 'not-sent') return { so: undefined, failure: notSent(trying, asked.why) };
  if (asked.how === 'lost')
    return { so: undefined, failure: { ...outcomeUnknown(trying, asked.why), kind: 'http/unreachable' } };
  const problem = unexpected(check.expect, asked.answer);
  return problem === undefined ? { so: true } : { so: false, problem };
}

/** Asks again and again while nobody answers, for as long as an outcome is waited for. */
export async function checkUntilAnswered(needs: HttpNeeds, check: ReadyRequest, trying: Trying): Promise<Checked> {
  const stop = AbortSignal.timeout(needs.limits.outcome);
  for (let wait = 250; ; wait = Math.min(wait * 2, 5000)) {
    const checked = await checkOnce(needs, check, trying, stop);
    if (checked.so !== undefined || stop.aborted) return checked;
    await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
  }
}
