import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { planHash } from '../../model/compile/hash.js';
import type { Plan } from '../../model/plan.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import { foundIn, planOf, sha256 } from './planning.js';
import { overNodes, planned, runbook as phases, secrets } from './repeating.js';
import { flow, runbookOf, type Wrong } from './wrong-steps.js';

describe('A step that an earlier one takes back is told', () => {
  for (const one of parse(readFileSync('test/cases/undone-by/wrong.yaml', 'utf8')) as Wrong[])
    it(one.it, () => {
      expect(foundIn({ runbook: runbookOf(...one.steps.map(flow)), beside: one.files ?? {}, secrets })).toEqual(
        one.found,
      );
    });
});

/** How each step of a plan goes back. */
const ways = (plan: Plan): Record<string, unknown> =>
  Object.fromEntries(
    plan.phases.flatMap(({ steps }) =>
      steps.map(({ id, undo }) => [id, undo.how === 'by' ? undo.by : undo.how] as const),
    ),
  );

const kept = '{ id: kept, step: Kept, put: { path: /a } }';
const fragment = `fragment: part
about: A part
parameters: { names: { type: list, of: { type: text }, default: [] } }
steps:
  - { id: kept, step: Kept, put: { path: /a } }
  - { id: conf, step: Conf, run: [b], each: "\${{ param.names }}", undo: { by: kept } }
  - { id: up, step: Up, run: [b], undo: none, because: it ends with its machine }
`;
const beside = { 'part.yaml': fragment, 'outer.yaml': fragment.replace(/ {2}- .*\n/g, '') + outerSteps() };

function outerSteps(): string {
  return `  - { id: made, step: Made, put: { path: /c } }
  - { id: inner, step: x, call: part.yaml }
  - { id: later, step: x, run: [b], undo: { by: inner.kept } }
  - { id: other, step: x, call: part.yaml, undo: { by: made } }
`;
}

describe('A step that an earlier one takes back', () => {
  it('names that one in the plan, which says so and is another plan by it', () => {
    const plan = planOf({ runbook: runbookOf(kept, '{ id: a, step: x, run: [b], undo: { by: kept } }'), secrets });
    expect(ways(plan)).toEqual({ kept: 'restore', a: ['kept'] });
    expect(showPlan(plan, 'abc')).toMatch(
      /goes back +with kept, whose undo takes this back; not where that changes nothing/,
    );
    const without = planOf({
      runbook: runbookOf(kept, '{ id: a, step: x, run: [b], undo: none, because: y }'),
      secrets,
    });
    expect(planHash(plan, sha256)).not.toBe(planHash(without, sha256));
  });

  it('may be of a kind that goes back by itself, or act elsewhere', () => {
    expect(
      ways(
        planOf({ runbook: runbookOf(kept, '{ id: a, step: x, put: { path: /a/b }, undo: { by: kept } }'), secrets }),
      ),
    ).toEqual({ kept: 'restore', a: ['kept'] });
  });

  it('may name several, of which all must go back', () => {
    const plan = planOf({
      runbook: runbookOf(
        kept,
        '{ id: more, step: x, put: { path: /b } }',
        '{ id: a, step: x, run: [b], undo: { by: [kept, more] } }',
      ),
      secrets,
    });
    expect(ways(plan)).toMatchObject({ a: ['kept', 'more'] });
  });

  it('goes back with each step that the other one is repeated into', () => {
    const plan = planOf({
      runbook: runbookOf(
        '{ id: kept, step: x, each: [/a, /b], put: { path: "${{ each.value }}" } }',
        '{ id: a, step: x, each: [1, 2], run: [b], undo: { by: kept } }',
      ),
      secrets,
    });
    expect(ways(plan)).toMatchObject({ 'a.0': ['kept.0', 'kept.1'], 'a.1': ['kept.0', 'kept.1'] });
  });

  it('names steps of its own fragment, wherever that is called', () => {
    const plan = planOf({
      runbook: runbookOf(
        '{ id: set, step: x, each: { in: [k, l], key: each.value }, call: part.yaml, with: { names: [n] } }',
      ),
      beside,
      secrets,
    });
    expect(ways(plan)).toMatchObject({ 'set.k.conf.0': ['set.k.kept'], 'set.l.conf.0': ['set.l.kept'] });
  });

  it('may name a step of a fragment that was called', () => {
    const plan = planOf({
      runbook: runbookOf(
        '{ id: set, step: x, each: { in: [k, l], key: each.value }, call: part.yaml }',
        '{ id: a, step: x, run: [b], undo: { by: set.kept } }',
        '{ id: out, step: x, call: outer.yaml }',
      ),
      beside,
      secrets,
    });
    expect(ways(plan)).toMatchObject({ a: ['set.k.kept', 'set.l.kept'], 'out.later': ['out.inner.kept'] });
  });

  it('is what a fragment cannot undo, where its call says so; what goes back by itself does', () => {
    const plan = planOf({
      runbook: runbookOf(
        kept,
        '{ id: set, step: x, call: part.yaml, undo: { by: kept } }',
        '{ id: out, step: x, call: outer.yaml, undo: { by: kept } }',
      ),
      beside,
      secrets,
    });
    expect(ways(plan)).toEqual({
      kept: 'restore',
      'set.kept': 'restore',
      'set.up': ['kept'],
      'out.made': 'restore',
      'out.inner.kept': 'restore',
      'out.inner.up': ['kept'],
      'out.later': ['out.inner.kept'],
      'out.other.kept': 'restore',
      'out.other.up': ['out.made'],
    });
  });

  it('names its own entry where phases are repeated, and all entries on its hosts from outside', () => {
    const plan = planned([
      `{ ${overNodes}, phases: [{ phase: Put, hosts: "\${{ each.value.name }}", steps: [${kept}] }, { phase: Use, hosts: "\${{ each.value.name }}", steps: [{ id: a, step: x, run: [b], undo: { by: kept } }] }] }`,
      '{ phase: After, hosts: nodes, steps: [{ id: z, step: x, run: [b], undo: { by: kept } }] }',
    ]);
    expect(ways(plan)).toMatchObject({
      'a.node1': ['kept.node1'],
      'a.node2': ['kept.node2'],
      z: ['kept.node1', 'kept.node2'],
    });
  });

  it('has no use for a step of another host, though it is of the same entry', () => {
    const wrong = phases(
      `{ ${overNodes}, phases: [{ phase: Put, hosts: cache, steps: [${kept}] }, { phase: Use, hosts: "\${{ each.value.name }}", steps: [{ id: a, step: x, run: [b], undo: { by: kept } }] }] }`,
    );
    expect(foundIn({ runbook: wrong, secrets })).toEqual([
      expect.stringMatching(
        /^book\/runbook.yaml:10:\d+: on node1, "kept" does nothing, so its undo takes nothing back there;/,
      ),
      expect.stringMatching(/: on node2, "kept" does nothing/),
    ]);
  });
});
