import { describe, expect, it } from 'vitest';
import { budgetWords, overBudget, type Budget, type DownMachine } from '../../model/budget.js';
import { foundIn, inventoryText, onePhase, planOf } from './planning.js';

const nodes: Budget = { down: 1, machines: { node1: 'm1', node2: 'm2', node3: 'm3' } };
const down = (machine: string, more: Partial<DownMachine> = {}): DownMachine => ({
  machine,
  host: machine.replace('m', 'node'),
  run: 'other',
  startedBy: 'ada',
  why: 'failed',
  ...more,
});

describe('the budget of a group', () => {
  it.each<[string, Budget, string[], DownMachine[], string[] | undefined]>([
    ['has room for one where nothing is down', nodes, ['m1'], [], undefined],
    ['has none for two at a time', nodes, ['m1', 'm2'], [], []],
    ['has none where another one is down', nodes, ['m1'], [down('m2')], ['m2']],
    ['has room where the one that is down is the one that goes down', nodes, ['m1'], [down('m1')], undefined],
    ['has room for two of two', { ...nodes, down: 2 }, ['m1'], [down('m2')], undefined],
    [
      'counts a machine once, however many runs left it down',
      { ...nodes, down: 2 },
      ['m1'],
      [down('m2'), down('m2', { run: 'x' })],
      undefined,
    ],
    ['counts a machine with two names once', { down: 1, machines: { a: 'm1', b: 'm1' } }, ['m1'], [], undefined],
    ['is not asked by a wave elsewhere', nodes, ['m9'], [down('m1'), down('m2')], undefined],
    ['does not count what is down elsewhere', nodes, ['m1'], [down('m9')], undefined],
  ])('%s', (_name, budget, wave, others, expected) => {
    expect(overBudget({ nodes: budget }, wave, others)?.others.map((one) => one.machine)).toEqual(expected);
  });

  it('says for whom a wave waits', () => {
    const over = overBudget({ nodes }, ['m1'], [down('m2'), down('m3', { why: 'wave' })]);
    expect(over && budgetWords(over)).toBe(
      'waits before node1: at most 1 of nodes may be down, and down is node2 (failed in run other, started by ada), node3 (in a wave of run other, started by ada)',
    );
  });
});

describe('a plan', () => {
  const inventory = inventoryText.replace('values: { site: west } }', 'values: { site: west }, budget: { down: 1 } }');
  const secrets = { login: 1, token: 1 };
  const steps = '- { step: It is so, id: a, run: [x], undo: none, because: it was heard }';

  it('pins the budgets of groups on whose hosts it acts', () => {
    const runbook = onePhase(steps, 'nodes', 'serial: 1');
    expect(planOf({ runbook, inventory, secrets }).budgets).toEqual({
      nodes: { down: 1, machines: { node1: '192.0.2.2:22', node2: '192.0.2.3:22' } },
    });
    expect(planOf({ runbook: onePhase(steps, 'cache'), inventory, secrets })).not.toHaveProperty('budgets');
  });

  it('whose waves can never fit is refused, at the phase', () => {
    expect(foundIn({ runbook: onePhase(steps), inventory, secrets })).toEqual([
      expect.stringMatching(
        /runbook.yaml:\d+:\d+: .*takes 2 hosts of "nodes" down at a time, and its budget is 1; write "serial: 1"/,
      ),
    ]);
    const looks = steps.replace('undo: none, because: it was heard', 'read_only: true');
    expect(foundIn({ runbook: onePhase(looks), inventory, secrets })).toEqual([]);
  });
});
