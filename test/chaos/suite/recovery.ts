import type { RunEvent } from '../../../model/record.js';
import { finalStates } from '../../../model/states.js';

/**
 * Seconds from the repair until something shows that the run, or each host that was struck, had gone on; or that they
 * had come to their end before. Absent where nothing shows either.
 */
export type Recovery = number | 'had ended';

export interface Repair {
  /** When the world was whole again, in milliseconds since 1970. */
  readonly at: number;
  /** The hosts that were struck where others went on meanwhile: what those came to shows nothing. */
  readonly hosts?: readonly string[];
}

/**
 * Judged by the time that Postgres gave each event, and not by when somebody read it.
 *
 * @param events - all of a run that has ended
 */
export function recoveryOf(events: readonly RunEvent[], { at, hosts = [] }: Repair): Recovery | undefined {
  const since = events.filter((event) => Date.parse(event.at) > at);
  if (hosts.length === 0) return since.some(ends) ? seconds(since.find(goesOn), at) : ended(events);
  const each = hosts.map((host) => {
    const told = since.filter((event) => concerns(event, host));
    return told.length > 0 ? seconds(told.find(answered), at) : ended(events);
  });
  const numbers = each.filter((one) => typeof one === 'number');
  if (each.includes(undefined)) return undefined;
  return numbers.length > 0 ? Math.max(...numbers) : 'had ended';
}

function seconds(event: RunEvent | undefined, at: number): number | undefined {
  return event && (Date.parse(event.at) - at) / 1000;
}

/** A run that has ended owes its hosts nothing: one of which nothing came later had been done with. */
function ended(events: readonly RunEvent[]): 'had ended' | undefined {
  return events.some(ends) ? 'had ended' : undefined;
}

function ends({ kind, data }: RunEvent): boolean {
  return kind === 'run-moved' && finalStates.some((state) => state === data['to']);
}

/** A word that a person has said shows that the API is there; trouble shows that the run is held up. */
function goesOn(event: RunEvent): boolean {
  return event.kind !== 'verb-said' && event.kind !== 'trying-again' && !unreached(event);
}

/** What the host itself has come to. That a step begins is written down before anybody has spoken to it. */
function answered(event: RunEvent): boolean {
  return ['task-ended', 'task-undone'].includes(event.kind) && !unreached(event);
}

function unreached({ data: { failure } }: RunEvent): boolean {
  return /"kind":"(host|ldap)\/unreachable"/.test(JSON.stringify(failure ?? ''));
}

function concerns({ data: { host, attempts } }: RunEvent, struck: string): boolean {
  const begun = Array.isArray(attempts) ? attempts : [];
  return host === struck || begun.some((one) => JSON.stringify(one).includes(`"host":"${struck}"`));
}
