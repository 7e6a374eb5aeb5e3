// cspell:ignore bnode
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../model/expression/evaluate.js';
import type { Bindings } from '../../model/expression/registered-steps.js';
import { ownName, taskScope } from '../../model/expression/task-scope.js';
import type { HostOperation } from '../../model/operation.js';
import type { Plan, PlannedPhase } from '../../model/plan.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import type { Value } from '../../model/value.js';
import { planOf } from './planning.js';
import { after, drain, found, overNodes, planned, read, roll, runbook, secrets } from './repeating.js';

const shape = ({ phases }: Plan): unknown => phases.map(({ name, waves, steps }) => [name, waves.flat(), ids(steps)]);
const ids = (steps: PlannedPhase['steps']): string[] => steps.map(({ id }) => id);
const words = ({ steps }: PlannedPhase): unknown => (steps[0]?.operations[0] as HostOperation).do.arguments;

describe('Repeated phases', () => {
  it('come once for each entry, one entry after another, on the hosts that they name', () => {
    const plan = planned([roll, after('size(groups.nodes)')]);
    expect(shape(plan)).toEqual([
      ['Drain (node1)', ['cache'], ['drain.node1']],
      ['Restart (node1)', ['node1'], ['restart.node1']],
      ['Drain (node2)', ['cache'], ['drain.node2']],
      ['Restart (node2)', ['node2'], ['restart.node2']],
      ['After', ['cache'], ['after']],
    ]);
    expect(plan.phases.slice(0, 3).map(words)).toEqual([
      ['drain', 'node1', '0'],
      ['restart', { template: [{ expression: 'steps.drain.out', sees: 'run' }] }],
      ['drain', 'node2', '1'],
    ]);
    expect(plan.phases[2]?.steps[0]?.name).toBe('x is out (node2)');
  });

  it('are numbered where they have no key', () => {
    const plan = planned([`{ each: [a, b], phases: [${drain.replace('each.value.name', 'each.value')}] }`]);
    expect(plan.phases.map(({ name, steps }) => [name, ids(steps)])).toEqual([
      ['Drain (0)', ['drain.0']],
      ['Drain (1)', ['drain.1']],
    ]);
  });

  it('know their entry in all that is read once: hosts, waves, questions, time limits, retries and hints', () => {
    const [first] = planned([
      `{ each: [{ who: nodes, count: 2 }], phases: [{ phase: P, hosts: "\${{ groups.nodes.map(n, n.name) }}", serial: "\${{ each.value.count - 1 }}", max_failures: "\${{ each.value.count }}",
        approval: { ask: "All \${{ each.value.who }}?", votes: "\${{ each.value.count }}" },
        steps: [{ id: a, step: x, run: [a], read_only: true, timeout: "\${{ each.value.count }}m", retry: { attempts: "\${{ each.value.count }}" }, hint: [{ exit: 1, advice: "see \${{ each.value.who }}" }], when: each.value.count == 2 && host.name == "node2" }] }] }`,
    ]).phases;
    expect(first).toMatchObject({ waves: [['node1'], ['node2']], maxFailures: 2 });
    expect(first?.approval).toMatchObject({ ask: 'All nodes?', votes: 2 });
    const [step] = first?.steps ?? [];
    expect(step).toMatchObject({ timeout: 120, retry: { attempts: 2 }, hints: [{ exit: [1], advice: 'see nodes' }] });
    expect(step?.tasks).toEqual({ node2: 0 });
  });

  it('are none where the list is empty, and what they register is an empty list', () => {
    const empty = `{ each: "\${{ param.some }}", phases: [${drain.replace('each.value.name', 'each.value')}] }`;
    const plan = planned([empty, after('size(steps.drain.out) + size(every.drain)')]);
    expect(shape(plan)).toEqual([['After', ['cache'], ['after']]]);
    const scope = taskScope(plan, { step: 'after', host: 'cache', bindings: {} });
    expect(evaluate('size(steps.drain.out) + size(every.drain)', scope)).toBe(0);
    expect(found([empty])).toEqual([
      expect.stringMatching(
        /^\d+:1: nothing is left to do: every list that phases are repeated over is empty, or their "when" is false;/,
      ),
    ]);
  });

  it('take in all that is left at once, or none, by a list of one list', () => {
    const rest = 'groups.nodes.filter(n, n.name in param.some).map(n, n.name)';
    const books = [
      `{ each: "\${{ size(${rest}) > 0 ? [${rest}] : [] }}", phases: [{ phase: P, hosts: "\${{ each.value }}", steps: [{ id: a, step: x, say: y }] }] }`,
      after('1'),
    ];
    expect(shape(planned(books, { some: ['node1', 'node2'] }))).toEqual([
      ['P (0)', ['node1', 'node2'], ['a.0']],
      ['After', ['cache'], ['after']],
    ]);
    expect(planned(books).phases).toHaveLength(1);
  });

  it('hold steps that are repeated themselves, for each entry anew', () => {
    const inner = `{ phase: P, hosts: cache, steps: [{ id: look, step: x, each: { in: "\${{ groups.nodes.filter(n, n.name != each.value.name) }}", key: each.value.name }, run: [a, "\${{ each.value.name }}"], ${read} }, { id: sum, step: y, say: "\${{ steps.look.out.join() }}" }] }`;
    const plan = planned([
      `{ ${overNodes}, phases: [${inner}] }`,
      after("steps.look.out.map(one, one.join()).join(';')"),
    ]);
    expect(plan.phases.map(({ steps }) => ids(steps))).toEqual([
      ['look.node1.node2', 'sum.node1'],
      ['look.node2.node1', 'sum.node2'],
      ['after'],
    ]);
    const bindings: Bindings = {
      'look.node1.node2': { cache: { out: 'b' } },
      'look.node2.node1': { cache: { out: 'a' } },
    };
    const value = (step: string, expression: string): Value =>
      evaluate(expression, taskScope(plan, { step, host: 'cache', bindings }));
    expect(value('sum.node2', 'steps.look.out.join()')).toBe('a');
    expect(value('look.node1.node2', 'each.value.name + string(each.index)')).toBe('node20');
    expect(value('after', 'steps.look.out')).toEqual([['b'], ['a']]);
    const [phase] = plan.phases;
    const [step] = phase?.steps ?? [];
    expect(step && ownName(step, phase ?? {})).toBe('look');
  });

  it('call fragments with their entry, under ids of their own', () => {
    const fragment = `fragment: part\nabout: x\nparameters: { node: { type: text } }\nsteps:\n  - { id: made, step: x, run: [make, "\${{ param.node }}"], ${read} }\noutputs: { got: steps.made.out }\n`;
    const plan = planOf({
      runbook: runbook(
        `{ ${overNodes}, phases: [{ phase: P, hosts: cache, steps: [{ id: part, step: x, call: part.yaml, with: { node: "\${{ each.value.name }}" } }, { id: told, step: x, say: "\${{ steps.part.got }}" }] }] }`,
        after('steps.part.got.join()'),
      ),
      secrets,
      beside: { 'part.yaml': fragment },
    });
    expect(plan.phases.map(({ steps }) => ids(steps))).toEqual([
      ['part.node1.made', 'told.node1'],
      ['part.node2.made', 'told.node2'],
      ['after'],
    ]);
    const bindings = { 'part.node1.made': { cache: { out: 'a' } }, 'part.node2.made': { cache: { out: 'b' } } };
    const value = (step: string, expression: string): Value =>
      evaluate(expression, taskScope(plan, { step, host: 'cache', bindings }));
    expect(value('told.node2', 'steps.part.got')).toBe('b');
    expect(value('after', 'steps.part.got')).toEqual(['a', 'b']);
    expect(value('part.node2.made', 'param.node')).toBe('node2');
    expect(plan.phases.flatMap(({ steps }) => steps.map(({ tasks }) => Object.keys(tasks)))).toHaveLength(5);
  });

  it('owe restarts to the services of their own entry', () => {
    const plan = planned([
      `{ ${overNodes}, phases: [{ phase: P, hosts: "\${{ each.value.name }}", steps: [{ id: conf, step: x, put: { path: /a } }, { id: up, step: y, daemon: { name: "\${{ each.value.name }}-redis", restart_after: [conf] } }] }] }`,
    ]);
    expect(plan.phases.flatMap(({ steps }) => steps.map(({ id, owes }) => [id, owes]))).toEqual([
      ['conf.node1', ['node1-redis']],
      ['up.node1', []],
      ['conf.node2', ['node2-redis']],
      ['up.node2', []],
    ]);
  });

  it('go back by steps that know their entry', () => {
    const [phase] = planned([
      `{ ${overNodes}, phases: [{ phase: P, hosts: cache, steps: [{ id: out, step: x, run: [out], undo: { steps: [{ id: back, step: y, run: [back, "\${{ each.value.name }}"] }] } }] }] }`,
    ]).phases;
    const undo = phase?.steps[0]?.undo;
    const [back] = undo?.how === 'steps' ? undo.steps : [];
    expect([back?.id, (back?.operations[0] as HostOperation).do.arguments]).toEqual(['back.node1', ['back', 'node1']]);
  });

  it('are shown with the entry that they are for', () => {
    const shown = showPlan(planned([roll]), 'abc');
    expect(shown).toContain('Phase 3 of 4: Drain (node2)\n============');
    expect(shown).toMatch(/repeated +for node2, entry 2 of 2\n +chosen by +cache\n/);
  });
});

describe('What repeated phases registered', () => {
  const plan = planned([
    `{ phase: Before, hosts: cache, steps: [{ id: before, step: x, run: [a], ${read} }] }`,
    roll,
    after('steps.restart.out.join()'),
  ]);
  const bindings: Bindings = {
    before: { cache: { out: 'z' } },
    'drain.node1': { cache: { out: 'a' } },
    'restart.node1': { node1: { out: 'node1' } },
    'drain.node2': { cache: { out: 'b' } },
    'restart.node2': { node2: { out: 'node2' } },
  };
  const value = (step: string, host: string, expression: string): Value =>
    evaluate(expression, taskScope(plan, { step, host, bindings }));

  it('is one value to the phases of the same entry, whichever host ran it', () => {
    expect(value('restart.node1', 'node1', 'steps.drain.out + steps.before.out')).toBe('az');
    expect(value('restart.node2', 'node2', 'steps.drain.out + each.value.name')).toBe('bnode2');
    expect(value('restart.node2', 'node2', 'every.drain')).toEqual([{ out: 'b', host: 'cache' }]);
  });

  it('is a list to all others, in the order of the entries', () => {
    expect(value('after', 'cache', 'steps.restart.out')).toEqual(['node1', 'node2']);
    expect(value('after', 'cache', 'every.restart')).toEqual([
      { out: 'node1', host: 'node1' },
      { out: 'node2', host: 'node2' },
    ]);
  });

  it('leaves out the entries that have registered nothing', () => {
    const scope = taskScope(plan, {
      step: 'after',
      host: 'cache',
      bindings: { 'restart.node2': { node2: { out: 'b' } } },
    });
    expect(evaluate('steps.restart.out', scope)).toEqual(['b']);
    expect(evaluate('size(steps.drain.out)', scope)).toBe(0);
  });

  it('is asserted by the name that the author wrote', () => {
    const phase = plan.phases[4];
    const [step] = phase?.steps ?? [];
    expect(step?.id).toBe('restart.node2');
    expect(step && phase && ownName(step, phase)).toBe('restart');
  });
});

describe('The hosts of a phase', () => {
  const chosen = (hosts: string, inputs = {}): unknown =>
    planned([`{ phase: P, hosts: '${hosts}', steps: [{ id: a, step: x, say: b }] }`], inputs).phases[0]?.waves.flat();

  it('may be named by an expression: one host, or a list in its own order', () => {
    expect(chosen('${{ param.name }}')).toEqual(['node2']);
    expect(chosen('${{ groups.nodes.filter(n, n.name != param.name).map(n, n.name) }}')).toEqual(['node1']);
    expect(chosen('${{ [param.name, "cache", param.name] }}')).toEqual(['node2', 'cache']);
  });

  it('are of the plan even where no group that is declared has them', () => {
    const book = runbook('{ phase: P, hosts: "${{ param.name }}", steps: [{ id: a, step: x, say: b }] }').replace(
      'groups: { cache: {}, nodes: {} }\n',
      '',
    );
    expect(Object.keys(planOf({ runbook: book, secrets }).hosts)).toEqual(['node2']);
  });
});
