import type { RunState } from './states.js';
import type { Value } from './value.js';

type Standing = Readonly<Record<string, Value>>;

/** A message to the webhook, before it is written as a CloudEvent. */
export interface WebhookMessage {
  readonly type: string;
  /** Seconds after which it is told, and then only where the run still stands so. */
  readonly after: number;
}

/** Seconds for which a run may wait for other runs before people are told. */
const long = 600;

const badEnds: readonly RunState[] = ['failed', 'undo_incomplete', 'timed_out'];

/** Whether a move of a run is told, and how: when it begins to wait, and when it ends badly. */
export function webhookMessage(
  from: { readonly state: RunState; readonly standing: Standing },
  to: RunState,
  standing: Standing,
): WebhookMessage | undefined {
  if (badEnds.includes(to)) return { type: `belay.run.${to}`, after: 0 };
  if (to !== 'waiting') return undefined;
  const begins = from.state !== 'waiting' || from.standing['for'] !== standing['for'];
  if (!begins) return undefined;
  const forOthers = standing['for'] === 'leases' || standing['for'] === 'budget';
  return { type: 'belay.run.waiting', after: forOthers ? long : 0 };
}

/** Of a standing only what is for everybody's eyes: never a value that a runbook or a host could have put there. */
export function webhookData(standing: Standing): Record<string, Value> {
  const told = ['for', 'phase', 'wave', 'step', 'host', 'hosts', 'because', 'by'];
  return Object.fromEntries(Object.entries(standing).filter(([name]) => told.includes(name)));
}

/** Seconds before the next try, after so many. */
export function webhookPause(attempts: number): number {
  return Math.min(3600, 5 * 2 ** Math.min(20, attempts - 1));
}
