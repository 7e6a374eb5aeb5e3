import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurn } from '../../activities/ssh/ramp.js';

test('at most six logins to one server are under way at once; each has its turn, though others fail', async () => {
  const underWay = new Map<string, number>();
  let most = 0;
  const logIn = async (server: string, index: number): Promise<number> =>
    inTurn(server, async () => {
      underWay.set(server, (underWay.get(server) ?? 0) + 1);
      most = Math.max(most, underWay.get(server) ?? 0);
      await sleep(1 + (index % 3));
      underWay.set(server, (underWay.get(server) ?? 0) - 1);
      if (index % 5 === 0) throw new Error('it is refused');
      return index;
    });
  const all = ['one:22', 'two:22'].flatMap((server) => Array.from({ length: 30 }, async (_, at) => logIn(server, at)));
  const ended = await Promise.allSettled(all);
  expect([most, ended.length]).toEqual([6, 60]);
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(48);
});
