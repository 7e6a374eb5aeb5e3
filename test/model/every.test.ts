// cspell:ignore summ
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../model/expression/evaluate.js';
import type { Bindings } from '../../model/expression/registered-steps.js';
import { taskScope } from '../../model/expression/task-scope.js';
import type { Plan } from '../../model/plan.js';
import type { Value } from '../../model/value.js';
import { foundIn, onePhase, planOf } from './planning.js';

const secrets = { login: 1, token: 1 };
const sum = '- { id: sum, step: x, run: [sum], register: { out: { from: stdout } }, read_only: true }';
const loop =
  '- { id: port, step: x, each: [80, 443], run: [look], register: { is: { from: stdout } }, read_only: true }';
const later = (when: string): string => `${onePhase(`${sum}\n${loop}`, 'all')}  - phase: Two
    hosts: cache
    steps: [{ id: told, step: x, when: '${when}', say: hello }]\n`;
const plan = (when: string): Plan => planOf({ runbook: later(when), secrets });
const found = (runbook: string): string[] =>
  foundIn({ runbook, secrets }).map((line) => line.replace(/^.*?yaml:\d+:\d+: /, ''));

const bindings: Bindings = {
  sum: { node2: { out: 'b' }, cache: { out: 'a' }, node1: { out: 'a' } },
  'port.0': { node1: { is: 'open' } },
  'port.1': { node1: { is: 'closed' }, node2: { is: 'open' } },
};
const value = (expression: string, known: Bindings = bindings): Value =>
  evaluate(expression, taskScope(plan('size(every.sum) > 0'), { step: 'told', host: 'cache', bindings: known }));

describe('What every host registered', () => {
  it('is a list of records with the name of the host, in the order of the phase', () => {
    expect(value('every.sum')).toEqual([
      { out: 'a', host: 'cache' },
      { out: 'a', host: 'node1' },
      { out: 'b', host: 'node2' },
    ]);
  });

  it('tells which hosts are not as the first', () => {
    expect(value('every.sum.all(one, one.out == every.sum[0].out)')).toBe(false);
    expect(value('every.sum.filter(one, one.out != every.sum[0].out).map(one, one.host).join()')).toBe('node2');
  });

  it('leaves out the hosts on which the step did not run', () => {
    expect(value('every.sum.map(one, one.host)', { sum: { node1: { out: 'a' } } })).toEqual(['node1']);
    expect(value('size(every.sum)', {})).toBe(0);
  });

  it('gathers the entries of a repeated step host by host', () => {
    expect(value('every.port')).toEqual([
      { is: ['open', 'closed'], host: 'node1' },
      { is: ['open'], host: 'node2' },
    ]);
  });

  it('is known to the run alone', () => {
    expect(plan('size(every.sum) > 0').phases[1]?.steps[0]?.when).toBe('size(every.sum) > 0');
  });

  it.each([
    [
      'every.sum.out == ""',
      'every.sum is a list, one record a host; write every.sum.map(one, one.out), or steps.sum.out for one host',
    ],
    ['every.summ.all(one, true)', 'there is no step "summ"; did you mean "sum"?'],
    ['every.sum.all(one, one.oot == "a")', 'there is no field "oot"; did you mean "out"?'],
    ['every.told.all(one, true)', 'the step "told" may not have ended on every host; name a step of an earlier phase'],
  ])('is refused before anything runs in %s', (when, finding) => {
    expect(found(later(when))).toEqual([finding]);
  });

  it('is refused in the phase of the step itself, whose other waves come later', () => {
    const steps = `${sum}\n- { id: told, step: x, when: size(every.sum) == 3, say: hello }`;
    expect(found(onePhase(steps, 'all'))).toEqual([
      'the step "sum" may not have ended on every host; name a step of an earlier phase',
    ]);
  });
});
