import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Typed } from './cli.js';
import { openDesk, type Desk } from './desk.js';

describe('inputs on the command line', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });
  afterAll(async () => desk.leave());

  const say: Desk['say'] = async (...words) => desk.say(...words);

  it('are lists and records, as JSON or from a file, and what is wrong with them is told at its place', async () => {
    const typed = async (words: string): Promise<Typed> => say(`plan people.yaml -i inventory.yaml ${words}`);
    const shown = async (words: string): Promise<unknown> =>
      (JSON.parse((await typed(`${words} -o json`)).out) as { plan: { inputs: unknown } }).plan.inputs;
    expect(await shown('-p ports=80 -p ports=443')).toEqual({ ports: [80, 443], people: [] });
    expect(await shown('--input ports=[80]')).toEqual({ ports: [80], people: [] });
    expect(await shown('--inputs in.yaml -p ports=443')).toEqual({
      ports: [443],
      people: [{ name: 'ada', uid: 1001 }],
    });
    const bad = await typed('--inputs bad-in.yaml -p ports=0');
    expect(bad.code).toBe(9);
    expect(bad.err.split('\n')).toEqual([
      'bad-in.yaml:3:23: it must be a whole number',
      '/inputs/ports/0: it must be from 1 to 65535',
      'belay: there are 2 mistakes in what was sent',
      '',
    ]);
  });
});
