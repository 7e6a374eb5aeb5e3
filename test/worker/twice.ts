import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { RecordsActivities } from '../../activities/records/activities.js';
import { verbUpdate } from '../../workflows/messages.js';

const { moveRun } = proxyActivities<RecordsActivities>({
  startToCloseTimeout: '2s',
  retry: { initialInterval: '100ms', backoffCoefficient: 1 },
});

/** Moves a run on and on, with no patience for a try that hangs; ends when it is nudged. */
export async function moves(run: string): Promise<void> {
  let nudged = false;
  setHandler(verbUpdate, () => void (nudged = true));
  await moveRun(run, 'waiting', { for: 'decision' });
  await moveRun(run, 'running');
  await condition(() => nudged);
}
