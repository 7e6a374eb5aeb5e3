import { fileURLToPath } from 'node:url';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, WorkflowClient, WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { RecordsActivities } from '../../activities/records/activities.js';
import type { HostActivities } from '../../activities/ssh/activities.js';
import { runOf } from '../../workflows/messages.js';
import { impersonal } from '../histories/folder.js';

/** Activities that a test answers itself; any other one fails. */
export type Answers = Partial<RecordsActivities & HostActivities>;

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/**
 * Carries a real workflow out on a real Temporal, of whose activities a test answers what it is about.
 *
 * @param maxCachedWorkflows - with 0, each of its turns replays all that came before, as a new worker would
 */
export async function carriedOut<T>(
  temporal: TestWorkflowEnvironment,
  { type, id, argument }: { readonly type: string; readonly id: string; readonly argument: object },
  answers: Answers,
  work: (workflow: WorkflowHandle) => Promise<T>,
  maxCachedWorkflows = 100,
): Promise<T> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  bundle ??= bundleWorkflowCode({ workflowsPath });
  const workflowBundle = await bundle;
  const activities = { ...answers };
  const { nativeConnection: connection } = temporal;
  const worker = await Worker.create({ connection, taskQueue: id, workflowBundle, activities, maxCachedWorkflows });
  return worker.runUntil(async () => {
    const came = await work(
      await temporal.client.workflow.start(type, { workflowId: id, taskQueue: id, args: [argument] }),
    );
    await keep(temporal.client, type, id);
    return came;
  });
}

/** Keeps the histories of a workflow, and of those that it started, where somebody wants to add them to the recorded ones (`test/histories/add.ts`). */
async function keep({ workflow }: Client, type: string, id: string): Promise<void> {
  const folder = process.env['BELAY_KEEP_HISTORIES'];
  if (folder === undefined) return;
  const name = runOf(id) ?? id;
  let life = 0;
  const keepOne = async (kind: string, workflowId: string, runId: string): Promise<string | undefined> => {
    const history = await workflow.getHandle(workflowId, runId).fetchHistory();
    life += 1;
    writeFileSync(join(folder, `${name}.${life}-${kind}.json`), impersonal(historyToJSON(history)));
    for (const { childWorkflowExecutionStartedEventAttributes: started } of history.events ?? []) {
      const { workflowId: child = '', runId: of = '' } = started?.workflowExecution ?? {};
      if (child && of) await keepOne(started?.workflowType?.name ?? '', child, of);
    }
    return history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  };
  for (let runId = (await first(workflow, id)) ?? undefined; runId;) runId = await keepOne(type, id, runId);
}

async function first(workflow: WorkflowClient, id: string): Promise<string | null | undefined> {
  const { raw } = await workflow.getHandle(id).describe();
  return raw.workflowExecutionInfo?.firstRunId;
}
