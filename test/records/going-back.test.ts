import { expect, it } from 'vitest';
import { createRecordsActivities, type RecordsNeeds } from '../../activities/records/create.js';
import type { UndoBarrier, UndoOutline, UndoTask } from '../../model/record.js';

/** What Temporal takes in one message, bytes. */
const message = 2 * 1024 * 1024;

const task = (host: string): UndoTask => ({
  host,
  attempt: 1,
  intent: true,
  acted: true,
  state: 'changed',
  ending: 'done',
  preImage: 'x'.repeat(2048),
  postImage: 'y'.repeat(2048),
  leaseKept: true,
});

it('tells the workflow of an undo no more of 40,000 tasks than fits into a message', async () => {
  const hosts = Array.from({ length: 1000 }, (_, index) => task(`host-${String(index).padStart(4, '0')}.example.com`));
  const barrier = (index: number): UndoBarrier => ({
    phase: 0,
    wave: index % 20,
    step: `step-${index}`,
    name: `Step ${index}`,
    on: 'host',
    how: 'restore',
    timeout: 60,
    hosts: [{ ...hosts[0]!, outcome: 'left' }, ...hosts.slice(1)],
  });
  const outline: UndoOutline = {
    run: 'example',
    undo: 1,
    planHash: 'sha256:0',
    open: true,
    barriers: Array.from({ length: 40 }, (_, index) => barrier(index)),
  };
  const needs = { ownQueue: 'mine', readUndo: async () => outline } as unknown as RecordsNeeds;
  const told = await createRecordsActivities(needs).readUndo('example', 1);
  expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(message);
  expect(told.barriers[39]!.hosts.slice(0, 2)).toEqual([
    { host: 'host-0000.example.com', outcome: 'left' },
    { host: 'host-0001.example.com' },
  ]);
});
