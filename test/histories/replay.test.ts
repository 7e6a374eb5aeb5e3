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
  });

  it.each(recordedHistories())('%s is replayed by the present workflows', async (path) => {
    await Worker.runReplayHistory({ workflowBundle }, historyFromJSON(JSON.parse(readHistory(path))));
  });

  it('is there of every workflow', () => {
    const recorded = new Set(recordedHistories().map((path) => /-(\w+)\.json$/.exec(path)?.[1]));
    expect([...recorded].sort()).toEqual(Object.keys(workflows).sort());
  });

  it.each([
    ['a stretch that tells of each of its steps', '"before":[['],
    ['a step that waits for another one to take it back', '"kind":"undo/with-another"'],
    ['a step that nothing takes back after all', '"kind":"undo/impossible"'],
  ])('is there of %s', (_what, part) => {
    expect(recordedHistories().filter((path) => answersIn(readHistory(path)).includes(part))).not.toEqual([]);
  });

  it('is there of an undo that goes on as a new one, from where it stood', () => {
    const undos = recordedHistories().filter((path) => path.endsWith('-undo.json'));
    const goesOn = undos.filter((path) => readHistory(path).includes('ContinuedAsNewEventAttributes'));
    expect(goesOn.length).toBeGreaterThan(1);
  });

  it('stays as it was recorded, and none goes', () => {
    const present = new Map(recordedHistories().map((path) => [path, digest(readHistory(path))]));
    expect(present).toEqual(new Map([...recordedDigests()].sort()));
  });
});

/** What activities answered in a history, as text. */
function answersIn(history: string): string {
  const { events } = JSON.parse(history) as {
    events: { activityTaskCompletedEventAttributes?: { result?: { payloads?: { data?: string }[] } } }[];
  };
  const payloads = events.flatMap((one) => one.activityTaskCompletedEventAttributes?.result?.payloads ?? []);
  return payloads.map(({ data = '' }) => Buffer.from(data, 'base64').toString()).join('\n');
}
