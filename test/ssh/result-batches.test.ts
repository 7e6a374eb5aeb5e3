import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resultBatches } from '../../activities/ssh/result-batches.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Written batches, and a way to have the next writes fail. */
function records() {
  const written: string[][] = [];
  const failures: Error[] = [];
  const write = async (results: readonly string[]): Promise<void> => {
    const failure = failures.shift();
    if (failure) throw failure;
    written.push([...results]);
  };
  return { written, failures, write };
}

it('writes what ends together in one batch', async () => {
  const { written, write } = records();
  const batches = resultBatches(write);
  batches.add('node1');
  batches.add('node2');
  await batches.end();
  expect(written).toEqual([['node1', 'node2']]);
});

it('writes what has ended once a second while others go on', async () => {
  const { written, write } = records();
  const batches = resultBatches(write);
  batches.add('node1');
  await vi.advanceTimersByTimeAsync(999);
  expect(written).toEqual([]);
  batches.add('node2');
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([['node1', 'node2']]);
  await vi.advanceTimersByTimeAsync(60_000);
  batches.add('node3');
  await vi.advanceTimersByTimeAsync(1000);
  batches.add('node4');
  await batches.end();
  expect(written).toEqual([['node1', 'node2'], ['node3'], ['node4']]);
});

it('keeps what could not be written for the next batch', async () => {
  const { written, failures, write } = records();
  const batches = resultBatches(write);
  failures.push(new Error('away'), new Error('still away'));
  batches.add('node1');
  await vi.advanceTimersByTimeAsync(2000);
  batches.add('node2');
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(written).toEqual([['node1', 'node2']]);
});

it('fails where what is left cannot be written at the end', async () => {
  const { failures, write } = records();
  const batches = resultBatches(write);
  batches.add('node1');
  failures.push(new Error('away'));
  await expect(batches.end()).rejects.toThrow('away');
});

it('writes nothing any more once it was stopped', async () => {
  const { written, write } = records();
  const batches = resultBatches(write);
  batches.add('node1');
  batches.stop();
  batches.add('node2');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual([]);
});
