import { expect, it } from 'vitest';
import { writeAsTheyEnd } from '../../activities/ssh/write-as-they-end.js';

/** A result that comes when it is told to. */
function later(): { result: Promise<string>; comes: (value: string) => void; fails: (why: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { result: promise, comes: resolve, fails: reject };
}

it('writes results that come together in one batch', async () => {
  const batches: (readonly string[])[] = [];
  const results = await writeAsTheyEnd([Promise.resolve('a'), Promise.resolve('b')], async (ended) => {
    batches.push(ended);
  });
  expect([results, batches]).toEqual([['a', 'b'], [['a', 'b']]]);
});

it('writes those that are there without waiting for a late one, each once, tells which are the last, and gives all in order', async () => {
  const batches: (readonly [readonly string[], boolean])[] = [];
  const late = later();
  const write = async (ended: readonly string[], last: boolean): Promise<void> => {
    batches.push([ended, last]);
    late.comes('late');
  };
  expect(await writeAsTheyEnd([late.result, Promise.resolve('b'), Promise.resolve('c')], write, 5)).toEqual([
    'late',
    'b',
    'c',
  ]);
  expect(batches).toEqual([
    [['b', 'c'], false],
    [['late'], true],
  ]);
});

it('fails where one of them fails', async () => {
  const bad = later();
  const waiting = writeAsTheyEnd([bad.result, Promise.resolve('b')], async () => bad.fails(new Error('gone')), 5);
  await expect(waiting).rejects.toThrow('gone');
});
