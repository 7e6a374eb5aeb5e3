import type { SecretOperation } from '../../model/operation.js';
import type { Intent } from '../../model/record.js';
import type { AwayAttempt, AwayUndo } from '../../model/task/away.js';
import type { AwayNeeds } from '../../model/task/away-needs.js';

export type SecretAttempt = AwayAttempt<SecretOperation>;
export type SecretUndo = AwayUndo<SecretOperation>;

/** Where a stored secret stands, seen from a run that is to make its next value the current one. */
export interface PromotionState {
  readonly stored: string;
  /** The version that was current when the run was planned. */
  readonly after: number;
  /** The version that the run has taken as the next one; absent where it has taken none. */
  readonly taken?: number;
  /** The version that is current, and the one that waits. */
  readonly version: number;
  readonly next?: number;
  /** The run that made the current one current; absent where somebody stored it as such. */
  readonly run?: string;
}

/** All that promoting a secret needs of the rest of Belay. */
export interface SecretNeeds extends AwayNeeds<SecretOperation> {
  announce(intent: Intent): Promise<void>;
  /**
   * Reads where the secret stands.
   *
   * @throws Failed `secret/missing` where the plan declares no next value of that name, or nothing is stored
   */
  stateOf(run: string, operation: SecretOperation): Promise<PromotionState>;
  /** Each moves the secret in one transaction, and only from where it must stand for that. */
  promote(run: string, operation: SecretOperation): Promise<void>;
  giveBack(run: string, operation: SecretOperation): Promise<void>;
}
