import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { RecordsActivities } from '../../activities/records/activities.js';
import type { HostActivities } from '../../activities/ssh/activities.js';

/** Activities that a test answers itself; any other one fails. */
export type Answers = Partial<RecordsActivities & HostActivities>;

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** Carries a real workflow out on a real Temporal, of whose activities a test answers what it is about. */
export async function carriedOut<T>(
  temporal: TestWorkflowEnvironment,
  { type, id, argument }: { readonly type: string; readonly id: string; readonly argument: object },
  answers: Answers,
  work: (workflow: WorkflowHandle, worker: () => Promise<Worker>) => Promise<T>,
): Promise<T> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  bundle ??= bundleWorkflowCode({ workflowsPath });
  const workflowBundle = await bundle;
  const worker = async (): Promise<Worker> =>
    Worker.create({ connection: temporal.nativeConnection, taskQueue: id, workflowBundle, activities: { ...answers } });
  const first = await worker();
  return first.runUntil(async () => {
    const workflow = await temporal.client.workflow.start(type, { workflowId: id, taskQueue: id, args: [argument] });
    return work(workflow, worker);
  });
}
