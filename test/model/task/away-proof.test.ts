import { describe, expect, it } from 'vitest';
import type { Register } from '../../../model/plan.js';
import { proved } from '../../../model/task/away-proof.js';

const count: Register = { from: 'stdout', trim: false, type: 'integer' };
const task = { run: 'r', step: 'counted', host: 'node1' };
const advice = 'Fill it first';

async function failureOf(output: string, holds: boolean): Promise<unknown> {
  const step = {
    name: 'It is full',
    register: { count },
    assert: ['steps.counted.count == 2'],
    hints: [{ stdout: '^0$', advice }],
  };
  const read = { ending: 'ok', summary: '', output } as const;
  return (await proved({ assert: async () => ({ holds, read: {} }) }, step, task, read)).outcome.failure;
}

describe('A hint of a step that reads', () => {
  it('is shown where what was read is a known error', async () => {
    expect(await failureOf('0', false)).toMatchObject({ kind: 'step/assert-failed', hints: [advice] });
  });

  it('is not shown for another one, nor where all holds', async () => {
    expect(await failureOf('1', false)).not.toHaveProperty('hints');
    expect(await failureOf('0', true)).toBeUndefined();
  });
});
