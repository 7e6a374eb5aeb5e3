import type { Duplex } from 'node:stream';
import type { SqlOperation } from '../../model/operation.js';
import type { Intent, KeptTransaction, TaskName, TransactionName } from '../../model/record.js';
import type { AwayAttempt, AwayUndo } from '../../model/task/away.js';
import type { AwayNeeds } from '../../model/task/away-needs.js';

export type SqlAttempt = AwayAttempt<SqlOperation>;
export type SqlUndo = AwayUndo<SqlOperation>;

/** Where a database listens, as the host sees it. */
export type SqlPlace = { readonly address: string; readonly port: number } | { readonly socket: string };

/** All that running statements needs of the rest of Belay. */
export interface SqlNeeds extends AwayNeeds<SqlOperation> {
  /**
   * A stream from the task's host to a place.
   *
   * @throws Failed `sql/unreachable`, or a `host/…` kind
   */
  way(task: TaskName, to: SqlPlace): Promise<Duplex>;
  /**
   * Writes an intent together with the transaction that is about to be committed. Once it is written, COMMIT may be
   * sent; whoever takes the task up later learns from the transaction's name what became of it.
   */
  keepTransaction(intent: Intent, transaction: TransactionName): Promise<void>;
  /** Those of the task's present turn, oldest first. To be asked once the holder has been taken. */
  readTransactions(task: TaskName): Promise<readonly KeptTransaction[]>;
  readonly limits: {
    /** Milliseconds until a connection must stand, way, TLS and login included. */
    readonly connect: number;
    /** Milliseconds for which statements may go on after a cancel. */
    readonly grace: number;
    /** Milliseconds for which the server is asked again what became of a transaction. */
    readonly outcome: number;
  };
}
