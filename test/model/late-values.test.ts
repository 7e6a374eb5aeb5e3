import { describe, expect, it } from 'vitest';
import { evaluate } from '../../model/expression/evaluate.js';
import type { Bindings } from '../../model/expression/registered-steps.js';
import { stepsRead, taskScope } from '../../model/expression/task-scope.js';
import type { HostOperation } from '../../model/operation.js';
import type { Plan, PlannedStep } from '../../model/plan.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import type { Value } from '../../model/value.js';
import { foundIn, onePhase, planOf } from './planning.js';

const secrets = { login: 1, token: 1 };
const read = 'register: { out: { from: stdout } }, read_only: true';
const look = `- { id: look, step: x, run: [look], ${read} }\n`;
const list = `- { id: all, step: x, run: [look], register: { out: { from: stdout, parse: lines } }, read_only: true }\n`;

/** A fragment that takes a port, a word and a list, and gives back what it made of the word. */
const part = `fragment: part
about: x
parameters:
  word: { type: text, pattern: "[a-z]+" }
  port: { type: port, default: 80 }
  names: { type: list, of: { type: text }, default: [] }
steps:
  - { id: made, step: x, when: param.word != "no", run: [make, "\${{ param.word }}", "\${{ param.port }}"], ${read}, assert: steps.made.out == param.word }
outputs: { made: steps.made.out + "!" }
`;
/** A fragment that hands on what it is given. */
const outer = `fragment: outer
about: x
parameters: { word: { type: text } }
steps:
  - { id: inner, step: x, call: part.yaml, with: { word: "\${{ param.word }}z", names: ["a"] } }
outputs: { made: steps.inner.made }
`;
const beside = { 'part.yaml': part, 'outer.yaml': outer };
const plan = (steps: string): Plan => planOf({ runbook: onePhase(steps, 'nodes'), secrets, beside });
const found = (steps: string, files: Readonly<Record<string, string>> = beside): string[] =>
  foundIn({ runbook: onePhase(steps, 'nodes'), secrets, beside: files });
const stepOf = (made: Plan, id: string): PlannedStep => {
  const step = made.phases.flatMap(({ steps }) => steps).find((one) => one.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
};
const value = (made: Plan, step: string, expression: string, bindings: Bindings): Value =>
  evaluate(expression, taskScope(made, { step, host: 'node1', bindings }));
const call = (given: string, more = ''): string =>
  `- { id: c, step: x, call: part.yaml, with: { word: "${given}"${more} } }\n`;

describe('What only the run knows, given to a fragment', () => {
  const one = plan(
    `${look}${call('${{ steps.look.out }}-${{ param.count }}', ', port: 81')}- { id: after, step: x, say: "\${{ steps.c.made }}" }`,
  );

  it('stays open in the plan, beside what the plan knows', () => {
    const step = stepOf(one, 'c.made');
    expect((step.operations[0] as HostOperation).do.arguments).toEqual([
      'make',
      { template: [{ expression: 'param.word', sees: 'run' }] },
      '81',
    ]);
    expect(step.tasks).toEqual({ node1: 0, node2: 0 });
    expect(step.scope?.late?.['word']?.given).toEqual({
      template: [{ expression: 'steps.look.out', sees: 'run' }, '-2'],
    });
    expect(one.unknowns.slice(1)).toEqual([
      'Whether c.made is done on a host: it asks param.word != "no".',
      'What param.word will be, for c.made.',
      'What steps.c.made will be, for after.',
    ]);
  });

  it('is shown where the step is that uses it', () => {
    expect(showPlan(one, 'abc')).toMatch(/given +word = "\$\{\{ steps\.look\.out \}\}-2"/);
  });

  it('is read on each host as the caller sees it', () => {
    const simple = plan(`${look}${call('${{ steps.look.out }}')}- { id: after, step: x, say: "\${{ steps.c.made }}" }`);
    const bindings = { look: { node1: { out: 'ada' }, node2: { out: 'bob' } }, 'c.made': { node1: { out: 'ada' } } };
    expect(value(simple, 'c.made', 'param.word + string(param.port)', bindings)).toBe('ada80');
    expect(evaluate('param.word', taskScope(simple, { step: 'c.made', host: 'node2', bindings }))).toBe('bob');
    expect(value(simple, 'after', 'steps.c.made', bindings)).toBe('ada!');
  });

  it('goes through fragments that hand it on, and from one fragment to the next', () => {
    const chain = plan(
      `${look}- { id: o, step: x, call: outer.yaml, with: { word: "\${{ steps.look.out }}" } }\n- { id: d, step: x, call: part.yaml, with: { word: "\${{ steps.o.made.substring(0, 3) }}" } }\n`,
    );
    const bindings = { look: { node1: { out: 'ab' } }, 'o.inner.made': { node1: { out: 'abz' } } };
    expect(value(chain, 'o.inner.made', 'param.word', bindings)).toBe('abz');
    expect(value(chain, 'd.made', 'param.word', bindings)).toBe('abz');
    const holes = (id: string): readonly string[] => stepsRead(chain, stepOf(chain, id), ['param.word']);
    expect(holes('o.inner.made')).toEqual(['look']);
    expect(holes('d.made')).toEqual(['o']);
  });

  it('knows the entry of a call that is repeated, and of phases that are', () => {
    const each = plan(
      `${list}- { id: c, step: x, each: [0, 1], call: part.yaml, with: { word: "\${{ steps.all.out[each.value] }}" } }`,
    );
    const bindings = { all: { node1: { out: ['p', 'q'] } } };
    expect(value(each, 'c.1.made', 'param.word', bindings)).toBe('q');
    const phases = planOf({
      runbook: onePhase('').replace(
        /phases:[^]*/,
        `phases:
  - each: { in: [u, v], key: each.value }
    phases:
      - phase: P
        hosts: nodes[0]
        steps:
          - { id: look, step: x, run: [look], ${read} }
          - { id: c, step: x, call: part.yaml, with: { word: "\${{ steps.look.out + each.value }}" } }`,
      ),
      secrets,
      beside,
    });
    const looked = { 'look.u': { node1: { out: 'a' } }, 'look.v': { node1: { out: 'b' } } };
    expect(value(phases, 'c.v.made', 'param.word', looked)).toBe('bv');
    expect(value(phases, 'c.u.made', 'param.word', looked)).toBe('au');
    expect(stepsRead(phases, stepOf(phases, 'c.v.made'), ['param.word'])).toEqual(['look.v']);
  });

  it('stays quick where many fragments are given what others gave back', () => {
    const many = Array.from({ length: 40 }, (_, index) => {
      const before = index === 0 ? 'steps.look.out' : `steps.c${index - 1}.made.substring(0, 1)`;
      return `- { id: c${index}, step: x, call: part.yaml, with: { word: "\${{ ${before} }}" } }\n`;
    });
    const made = plan(`${look}${many.join('')}`);
    const given = Object.fromEntries(many.map((_, index) => [`c${index}.made`, { node1: { out: 'a' } }] as const));
    expect(value(made, 'c39.made', 'param.word', { look: { node1: { out: 'a' } }, ...given })).toBe('a');
  });

  it('stays quick where many fragments are given what every host gave back', () => {
    const phases = Array.from({ length: 12 }, (_, index) => {
      const before = index === 0 ? 'every.look[0].out' : `every.c${index - 1}[0].made.substring(0, 1)`;
      return `  - phase: P${index}
    hosts: nodes
    steps: [{ id: c${index}, step: x, call: part.yaml, with: { word: "\${{ ${before} }}" } }]\n`;
    });
    const made = planOf({ runbook: onePhase(look, 'nodes') + phases.join(''), secrets, beside });
    const everywhere = { node1: { out: 'a' }, node2: { out: 'a' } };
    const given = Object.fromEntries(phases.map((_, index) => [`c${index}.made`, everywhere] as const));
    expect(value(made, 'c11.made', 'param.word', { look: everywhere, ...given })).toBe('a');
  });

  it('fails the task where it is nothing that the fragment takes, and names the parameter', () => {
    const wrong = (): Value =>
      value(plan(`${look}${call('${{ steps.look.out }}')}`), 'c.made', 'host.name', { look: { node1: { out: 'A1' } } });
    expect(wrong).toThrow('step/value-unusable: give word to c: it does not match [a-z]+');
  });

  it('has no value where its step has registered none', () => {
    expect(() => value(plan(`${look}${call('${{ steps.look.out }}')}`), 'c.made', 'param.word', {})).toThrow();
  });

  const cases: readonly (readonly [what: string, steps: string, expected: RegExp, files: Record<string, string>])[] = [
    ['a later step', call('${{ steps.look.out }}') + look, /the step "look" comes later/, {}],
    ['a secret', call('${{ secret.token }}'), /a secret may not go here; let the fragment name it/, {}],
    ['a host value', call('${{ host.name }}'), /this is read once for all hosts/, {}],
    [
      'a part of a value',
      `${list}${call('a', ', names: ["${{ steps.all.out[0] }}"]')}`,
      /this is read when the plan is made, and steps have not run then/,
      {},
    ],
    [
      'a list for a text',
      `${list}${call('${{ steps.all.out }}')}`,
      /the fragment takes one value here, and this gives a list/,
      {},
    ],
    [
      'whose value is meant',
      look.replace('- {', '- { when: host.name == "node2",') + call('${{ steps.look.out }}'),
      /on node1, it is not known whose value of "look" is meant/,
      {},
    ],
    [
      'that a list to repeat over must be known',
      `${list}${call('a', ', names: "${{ steps.all.out }}"')}`,
      /^book.part.yaml:5:\d+: this is read when the plan is made, and what the caller gives is known only in the run; .* \(called at book.runbook.yaml:/,
      {
        'part.yaml':
          'fragment: part\nabout: x\nparameters: { word: { type: text }, names: { type: list, of: { type: text } } }\nsteps:\n  - { id: s, step: x, each: "${{ param.names }}", say: "${{ param.word }}" }\n',
      },
    ],
    [
      'that a setting of a kind must be known',
      look + call('${{ steps.look.out }}'),
      /^book.part.yaml:5:\d+: this must be known when the plan is made: param.word \(it is known only in the run\)/,
      {
        'part.yaml':
          'fragment: part\nabout: x\nparameters: { word: { type: text } }\nsteps:\n  - { id: s, step: x, daemon: { name: "${{ param.word }}" } }\n',
      },
    ],
    [
      'that whether a fragment is called must be known',
      `${look}- { id: o, step: x, call: outer.yaml, with: { word: "\${{ steps.look.out }}" } }`,
      /^book.outer.yaml:5:\d+: whether a fragment is called must be known when the plan is made/,
      {
        'outer.yaml':
          'fragment: outer\nabout: x\nparameters: { word: { type: text } }\nsteps:\n  - { id: i, step: x, call: part.yaml, when: param.word == "a", with: { word: a } }\n',
      },
    ],
  ];
  it.each(cases)('%s is told at its place', (_what, steps, expected, files) => {
    const said = found(steps, { ...beside, ...files });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(expected);
  });
});
