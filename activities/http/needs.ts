import type { HttpOperation } from '../../model/operation.js';
import type { Intent } from '../../model/record.js';
import type { AwayAttempt, AwayUndo } from '../../model/task/away.js';
import type { AwayNeeds } from '../../model/task/away-needs.js';

export type HttpAttempt = AwayAttempt<HttpOperation>;
export type HttpUndo = AwayUndo<HttpOperation>;

/** All that sending a request needs of the rest of Belay. */
export interface HttpNeeds extends AwayNeeds<HttpOperation> {
  /** Writes an intent, before anything is sent that may change something. */
  announce(intent: Intent): Promise<void>;
  /** Whether an address may be reached: the worker's own machine may not, unless somebody allowed it. */
  allowed(address: string): boolean;
  readonly limits: HttpLimits;
}

export interface HttpLimits {
  /** Milliseconds until a connection must stand, name and TLS included. */
  readonly connect: number;
  /** Milliseconds for which an answer is awaited after a cancel. */
  readonly grace: number;
  /** Milliseconds for which a check is asked again what became of a request without an answer. */
  readonly outcome: number;
  /** Bytes of an answer's body that are read. */
  readonly body: number;
}
