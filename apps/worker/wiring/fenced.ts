import { activityInfo, type Info } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { behindFence } from '../../../database/fence.js';

/** As Temporal counts the states of an activity that is pending. */
const started = 2;

/** Milliseconds that Temporal may take to answer: meanwhile the lock of a run is held. */
const patience = 5_000;

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/**
 * Activities of which only that try writes to a run on which Temporal still counts. A worker that is frozen for longer
 * than a try may take would else, woken, write what another try has written before, and the run has left behind since.
 * Temporal itself is asked, for no clock is the same on all machines.
 */
export function fenced<A extends object>(activities: A, client: Client): A {
  const behind = Object.entries(activities as unknown as Activities).map(([name, carryOut]) => [
    name,
    async (...args: never[]) => {
      const info = activityInfo();
      return behindFence(
        async () => mustCount(client, info),
        async () => carryOut(...args),
      );
    },
  ]);
  return Object.fromEntries(behind) as A;
}

/** Temporal has given this try up: another one has begun, or nobody waits for any. */
export class TryIsOver extends Error {
  constructor({ activityType, attempt }: Info) {
    super(`try ${attempt} of ${activityType} took too long and does not count any more; it has written nothing`);
    this.name = 'TryIsOver';
  }
}

/** @throws TryIsOver */
async function mustCount(client: Client, info: Info): Promise<void> {
  const { workflowId = '', runId } = info.workflowExecution ?? {};
  const { status, raw } = await client.withDeadline(Date.now() + patience, async () =>
    client.workflow.getHandle(workflowId, runId).describe(),
  );
  // Of a workflow that was ended from outside Temporal still tells what it waited for.
  const counts =
    (status.name === 'RUNNING' || status.name === 'PAUSED') &&
    raw.pendingActivities?.some(
      (one) => one.activityId === info.activityId && one.attempt === info.attempt && one.state === started,
    );
  if (counts !== true) throw new TryIsOver(info);
}
