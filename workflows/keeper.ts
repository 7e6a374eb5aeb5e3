import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import { records } from './reach.js';

/** The worker that keeps the connections of a wave, by its own task queue; another one when that is gone. */
export interface Keeper {
  queue?: string | undefined;
}

/** Where an activity is sent to, and until when somebody must have taken it. */
export interface SentTo {
  readonly taskQueue?: string;
  readonly scheduleToStartTimeout?: number;
}

/** Beside a request that another worker was asked for before: it has gone, or gave no sign of life. */
export type PassedOn = { readonly passedOn: true } | Record<never, never>;

/** Milliseconds that a worker has to begin; one that is busy or gone is passed over, and nothing has happened. */
const patience = 5000;

/** Workers that are asked by their own queues before anybody may take it. */
const keepers = 2;

/**
 * Sends an activity to the worker that has the connections already, so that several workers on one queue do not take
 * hosts from each other. What nobody has begun there in time is sent to another one, at last to the queue of all; the
 * request then says so, for Temporal counts it as a first try.
 */
export async function atKeeper<T>(keeper: Keeper, send: (to: SentTo, passedOn: PassedOn) => Promise<T>): Promise<T> {
  let passedOn: PassedOn = {};
  for (let asked = 0; keeper.queue !== undefined && asked < keepers; asked += 1) {
    try {
      return await send({ taskQueue: keeper.queue, scheduleToStartTimeout: patience }, passedOn);
    } catch (error) {
      if (!notBegun(error)) throw error;
      keeper.queue = await records.ownQueue();
      passedOn = { passedOn: true };
    }
  }
  return send({}, passedOn);
}

/** Whether no worker took it in time. Whatever an earlier try of it may have begun is found in records and journals. */
function notBegun(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}
