import { describe, expect, it } from 'vitest';
import { planHash } from '../../model/compile/hash.js';
import { evaluate } from '../../model/expression/evaluate.js';
import { taskScope } from '../../model/expression/task-scope.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import type { Plan } from '../../model/plan.js';
import type { Value } from '../../model/value.js';
import { sha256 } from './planning.js';
import { after, found, overNodes, planned, read } from './repeating.js';

const some = `{ phase: Some, when: size(param.some) > 0, hosts: nodes, approval: { ask: "Really?" }, steps: [{ id: some, step: x, run: [a], ${read} }] }`;
const names = ({ phases }: Plan): string[] => phases.map(({ name }) => name);
const value = (plan: Plan, expression: string): Value =>
  evaluate(expression, taskScope(plan, { step: 'after', host: 'cache', bindings: { some: { node1: { out: 'a' } } } }));

describe('A phase with a condition', () => {
  it('is a phase as any other where it holds', () => {
    const plan = planned([some, after('1')], { some: ['x'] });
    expect(names(plan)).toEqual(['Some', 'After']);
    expect(plan.phases[0]).toMatchObject({ waves: [['node1', 'node2']], approval: { ask: 'Really?' } });
    expect(plan).not.toHaveProperty('leftOut');
    expect(value(plan, 'every.some.map(one, one.host)')).toEqual(['node1']);
  });

  it('is left out where it does not, with its question, and the plan says so', () => {
    const plan = planned([some, after('1')]);
    expect(names(plan)).toEqual(['After']);
    expect(plan.leftOut).toEqual([{ name: 'Some', when: 'size(param.some) > 0', steps: ['some'] }]);
    const shown = showPlan(plan, 'abc');
    expect(shown).toMatch(/\nLeft out\n +Some: it is not so that size\(param\.some\) > 0\n/);
    expect(shown).not.toContain('Really?');
    expect(planHash(plan, sha256)).not.toBe(planHash(planned([after('1')]), sha256));
  });

  it('has registered nothing then, which others can ask', () => {
    const plan = planned([some, after('size(every.some)')]);
    expect(value(plan, 'size(every.some)')).toBe(0);
    expect(value(plan, 'has(steps.some.out) ? 1 : 0')).toBe(0);
  });

  it('needs no hosts where it is left out', () => {
    const rest = 'groups.nodes.filter(n, n.name in param.some)';
    const phase = `{ phase: Rest, when: "size(${rest}) > 0", hosts: "\${{ ${rest}.map(n, n.name) }}", steps: [{ id: a, step: x, say: y }] }`;
    expect(names(planned([phase, after('1')]))).toEqual(['After']);
    expect(planned([phase, after('1')], { some: ['node2'] }).phases[0]?.waves).toEqual([['node2']]);
  });

  it('may be one of those that are repeated, and knows their entry', () => {
    const inner = `{ phase: Look, hosts: cache, steps: [{ id: look, step: x, run: [a], ${read} }] }, { phase: Others, when: each.value.name != "node1", hosts: cache, steps: [{ id: others, step: x, run: [b], ${read} }] }`;
    const plan = planned([`{ ${overNodes}, phases: [${inner}] }`, after('steps.others.out.join()')]);
    expect(names(plan)).toEqual(['Look (node1)', 'Look (node2)', 'Others (node2)', 'After']);
    expect(plan.leftOut).toEqual([{ name: 'Others (node1)', when: 'each.value.name != "node1"', steps: ['others'] }]);
    const bindings = { 'others.node2': { cache: { out: 'b' } } };
    const scope = (step: string): ReturnType<typeof taskScope> => taskScope(plan, { step, host: 'cache', bindings });
    expect(evaluate('steps.others.out', scope('after'))).toEqual(['b']);
    expect(evaluate('has(steps.others.out)', scope('look.node1'))).toBe(false);
    expect(evaluate('size(every.others)', scope('after'))).toBe(1);
  });
});

describe('What is wrong with the condition of a phase', () => {
  const phase = (when: string): string =>
    `{ phase: P, when: ${when}, hosts: cache, steps: [{ id: a, step: x, say: y }] }`;

  it.each([
    [
      'what only a host knows',
      'host.os == "debian"',
      '10:23: this is read once for all hosts, before any is reached; use parameters and groups',
    ],
    [
      'what only the run knows',
      '"size(every.a) > 0"',
      /^10:29: .* steps have not run then; use parameters and groups$/,
    ],
    ['no truth value', 'param.name', /^10:23: this must be true or false/],
    ['what is not there', 'param.nam == "x"', '10:29: there is no parameter "nam"; did you mean "name"?'],
    ['an expression in signs', '"${{ true }}"', '10:23: this is an expression already; write it without ${{ and }}'],
    ['no CEL', '"size("', /^10:2\d: this is no valid expression/],
  ])('is told: %s', (_, when, problem) => {
    const said = found([phase(when)]);
    expect(said).toHaveLength(1);
    if (typeof problem === 'string') expect(said[0]).toBe(problem);
    else expect(said[0]).toMatch(problem);
  });

  it('is told of the entry for which it cannot be decided', () => {
    const repeated = `{ each: [{ on: true }, { on: false }], phases: [{ phase: P, when: "[1][each.value.on ? 0 : 7] == 1", hosts: cache, steps: [{ id: a, step: x, say: y }] }] }`;
    expect(found([repeated])).toEqual([expect.stringMatching(/^10:\d+: for 1, this cannot be decided: /)]);
  });

  it('is told where all phases are left out', () => {
    expect(found([phase('"false"')])).toEqual([expect.stringMatching(/^9:1: nothing is left to do: /)]);
  });

  it('is told where a value is read without asking whether its phase is done', () => {
    const phases = [
      `{ phase: One, when: size(param.some) > 0, hosts: cache, steps: [{ id: one, step: x, run: [a], ${read} }] }`,
    ];
    expect(found([...phases, after('steps.one.out')])).toEqual([
      '11:75: "one" registers nothing here: its phase "One" is left out; ask before whether it is there, by the condition of that phase or by has(…)',
    ]);
    for (const asking of [
      'size(param.some) > 0 ? steps.one.out : param.name',
      'has(steps.one.out) ? steps.one.out : param.name',
    ])
      expect(found([...phases, after(asking)])).toEqual([]);
    const when = `, when: 'size(param.some) > 0'`;
    expect(found([...phases, after('steps.one.out', when), after('1').replace('id: after', 'id: z')])).toEqual([]);
  });
});
