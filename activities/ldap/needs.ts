import type { LdapOperation } from '../../model/operation.js';
import type { Intent, TaskName } from '../../model/record.js';
import type { AwayAttempt, AwayUndo } from '../../model/task/away.js';
import type { AwayNeeds } from '../../model/task/away-needs.js';
import type { Value } from '../../model/value.js';

export type LdapAttempt = AwayAttempt<LdapOperation>;
export type LdapUndo = AwayUndo<LdapOperation>;

/** All that changing a directory needs of the rest of Belay. */
export interface LdapNeeds extends AwayNeeds<LdapOperation> {
  /**
   * Writes intent and sealed pre-image in one transaction. The pre-image of the first attempt that may have changed
   * something stays.
   *
   * @returns the pre-image that stands
   */
  keepPreImage(intent: Intent, sealed: Uint8Array): Promise<Uint8Array>;
  readPreImage(task: TaskName): Promise<Uint8Array | undefined>;
  seal(value: Uint8Array): Promise<Uint8Array>;
  open(sealed: Uint8Array): Promise<Uint8Array>;
  /**
   * The value of the attribute with `sets` applied; equal text where it is already so.
   *
   * @throws Error where the text is no JSON, or a pointer does not fit it
   */
  setInJson(text: string, sets: readonly { readonly pointer: string; readonly value: Value }[]): string;
  readonly limits: {
    /** Milliseconds until a connection must stand, TLS and login included. */
    readonly connect: number;
    /** Milliseconds for one request. */
    readonly request: number;
    /** Milliseconds for which the directory is asked again what became of a request without an answer. */
    readonly outcome: number;
  };
}
