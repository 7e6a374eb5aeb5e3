import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import * as workflows from '../../workflows/index.js';
import { digest, readHistory, recordedDigests, recordedHistories } from './folder.js';

describe('a recorded history', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;

  beforeAll(async () => {
    const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
    workflowBundle = await bundleWorkflowCode({ workflowsPath });
  }, 60_000);

  it.each(recordedHistories())('%s is replayed by the present workflows', async (path) => {
    await Worker.runReplayHistory({ workflowBundle }, historyFromJSON(JSON.parse(readHistory(path))));
  });

  it('is there of every workflow', () => {
    const recorded = new Set(recordedHistories().map((path) => /-(\w+)\.json$/.exec(path)?.[1]));
    expect([...recorded].sort()).toEqual(Object.keys(workflows).sort());
  });

  it('stays as it was recorded, and none goes', () => {
    const present = new Map(recordedHistories().map((path) => [path, digest(readHistory(path))]));
    expect(present).toEqual(new Map([...recordedDigests()].sort()));
  });
});
