import { expect, test } from 'vitest';
import { ByteQueue } from '../../activities/ssh/byte-queue.js';

const mebibyte = Buffer.alloc(1024 * 1024, 'x');

test('a line without end is refused, long before it fills the memory', async () => {
  const queue = new ByteQueue();
  const line = queue.line();
  queue.push(mebibyte);
  await expect(line).rejects.toThrow('a line without end');
});

test('bytes that nobody asked for break it, and are not kept', async () => {
  const queue = new ByteQueue();
  for (let pieces = 0; pieces < 100; pieces += 1) queue.push(mebibyte);
  expect(JSON.stringify(queue).length).toBeLessThan(1000);
  await expect(queue.line()).rejects.toThrow('more than it was asked for');
});

test('as many bytes as are asked for come, however many', async () => {
  const queue = new ByteQueue();
  const bytes = queue.bytes(100 * mebibyte.length);
  for (let pieces = 0; pieces < 100; pieces += 1) queue.push(mebibyte);
  expect((await bytes).length).toBe(100 * mebibyte.length);
  queue.push(Buffer.from('a line\n'));
  expect((await queue.line()).toString()).toBe('a line');
});
