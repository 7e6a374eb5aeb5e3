import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { InputTurns } from '../../activities/ssh/input-turns.js';

const mib = 1024 * 1024;

describe('large inputs for many hosts', () => {
  let began: number[];
  let arrive: Map<number, () => void>;
  const send = async (turns: InputTurns, one: number, signal?: AbortSignal, bytes = mib): Promise<number> =>
    turns.inTurn(bytes, signal, async (arrived) => {
      began.push(one);
      if (arrived) arrive.set(one, arrived);
      await sleep(60_000, undefined, { ref: false });
      return one;
    });

  beforeEach(() => {
    began = [];
    arrive = new Map();
  });

  test('go a few at a time, in their order, each when another has arrived, though its script still runs', async () => {
    const turns = new InputTurns(2, 60_000);
    for (const one of [1, 2, 3, 4, 5]) void send(turns, one);
    await expect.poll(() => began).toEqual([1, 2]);
    arrive.get(2)?.();
    await expect.poll(() => began).toEqual([1, 2, 3]);
    for (const one of [1, 3]) for (let twice = 0; twice < 2; twice++) arrive.get(one)?.();
    await expect.poll(() => began).toEqual([1, 2, 3, 4, 5]);
  });

  test('take their turn from work that fails before it has said anything', async () => {
    const turns = new InputTurns(1, 60_000);
    const failed = turns.inTurn(mib, undefined, async () => Promise.reject(new Error('the host is gone')));
    void send(turns, 1);
    await expect(failed).rejects.toThrow('the host is gone');
    await expect.poll(() => began).toEqual([1]);
  });

  test('go beside those of which none arrives, as many again each time', async () => {
    const turns = new InputTurns(2, 50);
    for (const one of [1, 2, 3, 4, 5]) void send(turns, one);
    await expect.poll(() => began.length).toBeGreaterThan(2);
    await expect.poll(() => began).toEqual([1, 2, 3, 4, 5]);
  });

  test('wait no longer where they are cancelled, and leave the order as it was', async () => {
    const turns = new InputTurns(1, 60_000);
    const cancelled = new AbortController();
    for (const one of [1, 2, 3]) void send(turns, one, one === 2 ? cancelled.signal : undefined);
    cancelled.abort();
    await expect.poll(() => began).toEqual([1, 2]);
    arrive.get(2)?.();
    arrive.get(1)?.();
    await expect.poll(() => began).toEqual([1, 2, 3]);
  });

  test('let small ones pass', async () => {
    const turns = new InputTurns(1, 60_000);
    void send(turns, 1);
    await expect.poll(() => began).toEqual([1]);
    for (const one of [2, 3]) void send(turns, one, undefined, 60_000);
    await expect.poll(() => began).toEqual([1, 2, 3]);
    expect(arrive.has(2)).toBe(false);
  });
});
