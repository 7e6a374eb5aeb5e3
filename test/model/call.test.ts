import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { planHash } from '../../model/compile/hash.js';
import { evaluate } from '../../model/expression/evaluate.js';
import { ownName, taskScope } from '../../model/expression/task-scope.js';
import type { HostOperation } from '../../model/operation.js';
import type { Plan, PlannedStep } from '../../model/plan.js';
import { foundIn, planOf, sha256 } from './planning.js';
import { flow, runbookOf, type Wrong } from './wrong-steps.js';

const secrets = { login: 1, token: 1 };

describe('A call is told', () => {
  for (const one of parse(readFileSync('test/cases/fragments/wrong.yaml', 'utf8')) as Wrong[])
    it(one.it, () => {
      expect(foundIn({ runbook: runbookOf(...one.steps.map(flow)), beside: one.files ?? {}, secrets })).toEqual(
        one.found,
      );
    });
});

/** A fragment that makes an account and tells its number. */
const account = `fragment: account
about: Makes an account
parameters:
  name: { type: text, pattern: "[a-z]+" }
  keys: { type: list, of: { type: text }, default: [] }
secrets: [token]
steps:
  - id: made
    step: The account is there
    run: [useradd, "\${{ param.name }}", "\${{ host.name }}"]
    register: { uid: { from: stdout, type: integer } }
    assert: steps.made.uid > 0 && param.name != "root"
    undo: { steps: [{ id: gone, step: It is gone, run: [userdel, "\${{ param.name }}"] }] }
  - { id: keys, step: Its keys are there, each: "\${{ param.keys }}", put: { path: "/home/\${{ param.name }}/\${{ each.index }}", content: "\${{ each.value }} \${{ secret.token }} \${{ steps.made.uid }}" } }
  - { id: conf, step: Its file is there, put: { path: /etc/a, source: a.conf } }
  - { id: up, step: It runs, daemon: { name: accounts, restart_after: [keys, conf] } }
outputs: { uid: steps.made.uid, label: 'param.name + "@" + host.name' }
`;
const beside = { 'parts/account.yaml': account, 'parts/a.conf': 'x' };
const planned = (...steps: readonly string[]): Plan => planOf({ runbook: runbookOf(...steps), beside, secrets });
const one = '{ id: ada, step: Ada is there, call: parts/account.yaml, with: { name: ada, keys: [k1, k2] } }';
const stepsOf = (plan: Plan): readonly PlannedStep[] => plan.phases[0]?.steps ?? [];
const doOf = (step: PlannedStep | undefined): HostOperation['do'] => (step?.operations[0] as HostOperation).do;

describe('A called fragment', () => {
  it('takes of hosts what it asks for, whatever else the inventory says of them', () => {
    const greet = `fragment: greet
about: Greets hosts
parameters: { hosts: { type: list, of: { type: map, fields: { name: { type: text } } } } }
steps: [{ id: hello, step: x, each: "\${{ param.hosts }}", run: [echo, "\${{ each.value.name }}"], read_only: true }]
`;
    const call = (hosts: string): string =>
      runbookOf(`{ id: greet, step: x, call: greet.yaml, with: { hosts: ${hosts} } }`);
    const files = { 'greet.yaml': greet };
    expect(stepsOf(planOf({ runbook: call('"${{ groups.nodes }}"'), beside: files, secrets }))).toHaveLength(2);
    expect(foundIn({ runbook: call('[{ name: node1, site: east }]'), beside: files, secrets })).toEqual([
      expect.stringContaining('there is no such field'),
    ]);
  });

  it('stands in the plan as steps under the id of its call', () => {
    const steps = stepsOf(planned(one));
    expect(steps.map(({ id }) => id)).toEqual(['ada.made', 'ada.keys.0', 'ada.keys.1', 'ada.conf', 'ada.up']);
    expect(doOf(steps[0]).arguments).toEqual(['useradd', 'ada', 'node1']);
    const back = steps[0]?.undo.how === 'steps' ? steps[0].undo.steps[0] : undefined;
    expect([back?.id, doOf(back).arguments]).toEqual(['ada.gone', ['userdel', 'ada']]);
    expect(steps.map(({ owes }) => owes)).toEqual([[], ['accounts'], ['accounts'], ['accounts'], []]);
  });

  it('has files beside itself, and what only the run knows stays as it is written there', () => {
    const steps = stepsOf(planned(one));
    expect(doOf(steps[3]).stdin).toEqual({ base64: btoa('x') });
    expect(doOf(steps[2]).stdin).toEqual({
      template: [
        'k2 ',
        { expression: 'secret.token', sees: 'secret' },
        ' ',
        { expression: 'steps.made.uid', sees: 'run' },
      ],
    });
  });

  it('changes the hash of the plan when it, or a file beside it, changes', () => {
    const hashes = [
      beside,
      { ...beside, 'parts/a.conf': 'y' },
      { ...beside, 'parts/account.yaml': account.replace('Makes', 'makes') },
    ].map((files) => planHash(planOf({ runbook: runbookOf(one), beside: files, secrets }), sha256));
    expect(new Set(hashes).size).toBe(3);
  });

  it('sees its own parameters and steps in the run, and its caller sees what it gives back', () => {
    const plan = planned(one, '{ id: after, step: x, say: "${{ steps.ada.uid }}" }');
    const bindings = { 'ada.made': { node1: { uid: 7 } } };
    const scope = (step: string): ReturnType<typeof taskScope> => taskScope(plan, { step, host: 'node1', bindings });
    const [made] = stepsOf(plan);
    if (made === undefined) throw new Error('no step');
    expect(ownName(made, {})).toBe('made');
    expect(evaluate('param.name + string(steps.made.uid)', scope('ada.keys.1'))).toBe('ada7');
    expect(evaluate('each.value + string(each.index)', scope('ada.keys.1'))).toBe('k21');
    expect(() => evaluate('param.port', scope('ada.up'))).toThrow();
    expect(evaluate('steps.ada.uid', scope('after'))).toBe(7);
    expect(evaluate('steps.ada.label', scope('after'))).toBe('ada@node1');
    expect(evaluate('param.port', scope('after'))).toBe(16379);
    expect(evaluate('param.name', scope('ada.gone'))).toBe('ada');
  });

  it('can be called over a list, from a fragment, and for some hosts alone', () => {
    const outer = `fragment: outer
about: Calls another
parameters: { names: { type: list, of: { type: text } } }
secrets: [token]
steps:
  - { id: all, step: All are there, each: { in: "\${{ param.names }}", key: each.value }, call: account.yaml, with: { name: "\${{ each.value }}", keys: [k] } }
outputs: { uids: steps.all.uid }
`;
    const plan = planOf({
      runbook: runbookOf(
        '{ id: team, step: x, when: host.name == "node2", call: parts/outer.yaml, with: { names: "${{ param.names }}" } }',
        '{ id: after, step: x, say: x }',
      ),
      beside: { ...beside, 'parts/outer.yaml': outer },
      inputs: { names: ['ada', 'bob'] },
      secrets,
    });
    const steps = stepsOf(plan);
    expect(steps.slice(0, 2).map(({ id }) => id)).toEqual(['team.all.ada.made', 'team.all.ada.keys.0']);
    expect(steps.filter(({ id }) => id.endsWith('.made')).map(({ tasks }) => tasks)).toEqual([
      { node2: 0 },
      { node2: 0 },
    ]);
    const bindings = {
      'team.all.ada.made': { node2: { uid: 1 } },
      'team.all.bob.made': { node2: { uid: 2 } },
    };
    expect(evaluate('steps.team.uids', taskScope(plan, { step: 'after', host: 'node2', bindings }))).toEqual([1, 2]);
    expect(evaluate('param.name', taskScope(plan, { step: 'team.all.bob.conf', host: 'node2', bindings }))).toBe('bob');
  });

  it('says what is wrong with a value that only the inputs decide, at the call', () => {
    const steps =
      '{ id: ada, step: x, each: "${{ param.names }}", call: parts/account.yaml, with: { name: "${{ each.value }}" } }';
    expect(foundIn({ runbook: runbookOf(steps), beside, secrets, inputs: { names: ['ada', 'B'] } })).toEqual([
      'book/runbook.yaml:10:97: it does not match [a-z]+',
    ]);
  });

  it('has an id that fits into names of journals', () => {
    const steps = one.replace('id: ada', `id: ${'a'.repeat(40)}`);
    const long = account.replaceAll('made', 'm'.repeat(40));
    const found = foundIn({ runbook: runbookOf(steps), beside: { ...beside, 'parts/account.yaml': long }, secrets });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/parts\/account.yaml:8:9: "a{40}.m{40}" has more than 80 characters/);
  });
});
