import { expect, it } from 'vitest';
import { belowMinimum } from '../../model/group-minimum.js';
import { changedPhases, changedSteps, whyNotChange } from '../../model/plan-change.js';
import type { Plan, PlannedPhase } from '../../model/plan.js';
import { phase, plan, step } from '../database/example.js';

const writes = (text: string) => ({ operations: [{ on: 'host' as const, do: { text } }] });
const phases = (conf: string, end: string): PlannedPhase[] => [
  phase('First', [['a', 'b']], [step('conf', ['a', 'b'], writes(conf)), step('up', ['a'])]),
  phase('Last', [['a'], ['b']], [step('end', ['a', 'b'], writes(end))]),
];
const old: Plan = { ...plan(phases('one', 'one')), inputs: { word: 'one', other: 1 } };
const next = (more: Partial<Plan>): Plan => ({ ...old, ...more });
const fixed = { begunSteps: new Set(['conf']), changing: ['word'] };

it.each<[string, Plan, string | undefined]>([
  ['a step to come', next({ phases: phases('one', 'two'), inputs: { word: 'two', other: 1 } }), undefined],
  ['nothing', next({}), 'it changes nothing'],
  [
    'a step that has begun',
    next({ phases: phases('two', 'one') }),
    'conf has begun already and would change; undo the run back to it first',
  ],
  [
    'another input',
    next({ inputs: { word: 'two', other: 2 } }),
    "other has changed since this was said; read the run's present plan and say it again",
  ],
  [
    'a lost input',
    next({ inputs: { word: 'two' } }),
    "other has changed since this was said; read the run's present plan and say it again",
  ],
  ['the hosts', next({ hosts: {} }), 'it would change the hosts of the run; start a new run'],
  [
    'the secrets',
    next({ secrets: { a: { stored: 'a', version: 2 } } }),
    'it would change the secrets of the run; start a new run',
  ],
  ['the minimums', next({ minimums: { nodes: 1 } }), 'it would change the minimums of the run; start a new run'],
  [
    'the compiler',
    next({ compiler: '2' }),
    'this Belay compiles otherwise than the one that made the plan (test, now 2); start a new run',
  ],
  ['the runbook', next({ runbook: { ...old.runbook, revision: 'x' } }), 'the runbook is another one'],
  ['a phase less', next({ phases: old.phases.slice(0, 1) }), 'it would change which phases there are; start a new run'],
  [
    'the waves',
    next({ phases: [old.phases[0]!, { ...old.phases[1]!, waves: [['a', 'b']] }] }),
    'it would change which hosts or steps phase 2 (Last) has, or in which waves; start a new run',
  ],
  [
    'the hosts of a step',
    next({
      phases: [
        phase('First', [['a', 'b']], [step('conf', ['a', 'b'], writes('one')), step('up', ['b'])]),
        old.phases[1]!,
      ],
    }),
    'it would change which hosts or steps phase 1 (First) has, or in which waves; start a new run',
  ],
  [
    'the entry that a phase is for, which open expressions may name',
    next({ phases: [{ ...old.phases[0]!, each: { of: 0, key: 'a', value: 'two', index: 0 } }, old.phases[1]!] }),
    'conf has begun already and would change; undo the run back to it first',
  ],
  [
    'whether a phase asks',
    next({
      phases: [
        old.phases[0]!,
        { ...old.phases[1]!, approval: { ask: 'Go?', groups: [], votes: 1, onTimeout: 'stop' } },
      ],
    }),
    'it would change which hosts or steps phase 2 (Last) has, or in which waves; start a new run',
  ],
])('a run goes on with another plan or not where this changes: %s', (_, present, because) => {
  expect(whyNotChange(old, present, fixed)).toBe(because);
});

it('names what changes', () => {
  const present = next({ phases: phases('one', 'two') });
  expect(changedPhases(old, present)).toEqual([1]);
  expect(changedSteps(old, present)).toEqual(['end']);
});

it('keeps groups at the size that the runbook needs', () => {
  const sized = next({ groups: { nodes: ['a', 'b'], all: ['a', 'b'] }, minimums: { nodes: 1 } });
  expect(belowMinimum(sized, ['a'])).toBeUndefined();
  expect(belowMinimum(sized, ['a', 'b'])).toBe(
    'the group nodes would have 0 hosts left, and the runbook needs at least 1',
  );
  expect(belowMinimum(next({ groups: { nodes: ['a', 'b'] } }), ['a', 'b'])).toBeUndefined();
});
