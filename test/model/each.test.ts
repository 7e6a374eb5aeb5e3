// cspell:ignore bobdebian nmae
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../model/expression/evaluate.js';
import type { Bindings } from '../../model/expression/registered-steps.js';
import { ownName, taskScope } from '../../model/expression/task-scope.js';
import type { HostOperation } from '../../model/operation.js';
import type { Plan, PlannedStep } from '../../model/plan.js';
import { foundIn, onePhase, planOf } from './planning.js';

const secrets = { login: 1, token: 1 };
const users = `parameters:
  users:
    type: list
    of: { type: map, fields: { name: { type: text }, uid: { type: integer } } }
    default: [{ name: ada, uid: 1 }, { name: bob, uid: 2 }]`;
const runbook = (steps: string): string => onePhase(steps).replace('parameters:', users);
const plan = (steps: string, inputs = {}): Plan => planOf({ runbook: runbook(steps), secrets, inputs });
const stepsOf = (steps: string, inputs = {}): readonly PlannedStep[] => plan(steps, inputs).phases[0]?.steps ?? [];
const found = (steps: string): string[] =>
  foundIn({ runbook: runbook(steps), secrets }).map((line) => line.replace(/^.*?yaml:\d+:\d+: /, ''));
const each = 'each: { in: "${{ param.users }}", key: each.value.name }';
const words = (step: PlannedStep | undefined): unknown => (step?.operations[0] as HostOperation).do.arguments;

describe('A repeated step', () => {
  it('becomes one step an entry, with ids of the keys or numbers', () => {
    const keyed = stepsOf(
      `- { id: user, step: The user is there, ${each}, run: [add, "\${{ each.value.name }}", "\${{ each.value.uid + each.index }}"], undo: none, because: x }`,
    );
    expect(keyed.map(({ id, name }) => [id, name])).toEqual([
      ['user.ada', 'The user is there (ada)'],
      ['user.bob', 'The user is there (bob)'],
    ]);
    expect(keyed.map(words)).toEqual([
      ['add', 'ada', '1'],
      ['add', 'bob', '3'],
    ]);
    const numbered = stepsOf('- { id: u, step: x, each: "${{ param.users }}", say: "${{ each.value.name }}" }');
    expect(numbered.map(({ id }) => id)).toEqual(['u.0', 'u.1']);
    expect(stepsOf('- { id: u, step: x, each: [a, "${{ param.name }}"], say: "${{ each.value }}" }')).toHaveLength(2);
  });

  it('keeps the ids of the others when the list changes', () => {
    const step = `- { id: user, step: x, ${each}, say: "\${{ each.value.name }}" }`;
    const later = stepsOf(step, {
      users: [
        { name: 'eve', uid: 3 },
        { name: 'bob', uid: 2 },
      ],
    });
    expect(later.map(({ id }) => id)).toEqual(['user.eve', 'user.bob']);
  });

  it('is repeated for nothing where the list is empty, and gathers nothing', () => {
    const empty = plan(
      `- { id: user, step: x, ${each}, run: [id], register: { out: { from: stdout } }, read_only: true }\n` +
        '- { id: after, step: x, when: size(steps.user.out) == 0, say: "${{ steps.user.out.join() }}" }',
      { users: [] },
    );
    expect(empty.phases[0]?.steps.map(({ id }) => id)).toEqual(['after']);
    const scope = taskScope(empty, { step: 'after', host: 'node1', bindings: {} });
    expect(evaluate('size(steps.user.out)', scope)).toBe(0);
  });

  it('goes back entry by entry, each with its own value', () => {
    const [ada] = stepsOf(
      `- { id: user, step: x, ${each}, run: [add], undo: { steps: [{ id: gone, step: y, run: [del, "\${{ each.value.name }}"] }] } }`,
    );
    const back = ada?.undo.how === 'steps' ? ada.undo.steps[0] : undefined;
    expect([back?.id, words(back)]).toEqual(['gone.ada', ['del', 'ada']]);
  });

  it('leaves out entries and hosts by its condition', () => {
    const steps = stepsOf(`- { id: user, step: x, ${each}, when: each.value.uid > 1 && host.name == "node2", say: y }`);
    expect(steps.map(({ tasks }) => tasks)).toEqual([{}, { node2: 0 }]);
  });

  it('owes a restart for every entry', () => {
    const steps = stepsOf(
      `- { id: conf, step: x, ${each}, put: { path: "/\${{ each.value.name }}" } }\n` +
        '- { id: up, step: x, daemon: { name: redis, restart_after: [conf] } }',
    );
    expect(steps.map(({ id, owes }) => [id, owes])).toEqual([
      ['conf.ada', ['redis']],
      ['conf.bob', ['redis']],
      ['up', []],
    ]);
  });

  it('gathers what it registers to a list, and sees its own as one value', () => {
    const made = plan(
      `- { id: user, step: x, ${each}, run: [id], register: { uid: { from: stdout, type: integer } }, assert: steps.user.uid == each.value.uid, read_only: true }\n` +
        '- { id: after, step: x, run: [id, "${{ steps.user.uid.map(one, string(one)).join(\' \') }}"], read_only: true }',
    );
    const bindings: Bindings = {
      'user.ada': { node1: { uid: 1 } },
      'user.bob': { node1: { uid: 2 }, node2: { uid: 9 } },
    };
    const scope = (step: string, host: string): ReturnType<typeof taskScope> =>
      taskScope(made, { step, host, bindings, facts: { os: 'debian' } });
    expect(evaluate('steps.user.uid', scope('after', 'node1'))).toEqual([1, 2]);
    expect(evaluate('steps.user.uid', scope('after', 'node2'))).toEqual([9]);
    const own = scope('user.bob', 'node1');
    expect(evaluate('each.value.name + host.os', own)).toBe('bobdebian');
    const [, bob] = made.phases[0]?.steps ?? [];
    expect(bob && ownName(bob, {})).toBe('user');
    const asserted = { ...own, steps: { ...own.steps, user: { uid: 2 } } };
    expect(evaluate(bob?.assert[0] ?? '', asserted)).toBe(true);
  });

  const wrong: readonly (readonly [what: string, step: string, expected: string | RegExp])[] = [
    [
      'a misspelt field of an entry',
      `${each}, say: "\${{ each.value.nmae }}"`,
      'there is no field "nmae"; did you mean "name"?',
    ],
    ['a part of "each" that is not there', `${each}, say: "\${{ each.number }}"`, /no part of "each" called "number"/],
    ['"each" where nothing is repeated', 'say: "${{ each.value }}"', /no entry of a list is known here; add "each"/],
    ['"each" in its own list', 'each: "${{ each.value }}", say: x', /no entry of a list is known here/],
    ['what is no list', 'each: "${{ param.name }}", say: x', /^this must be a list/],
    ['a list that only the run knows', 'each: "${{ host.list }}", say: x', /this is read once for all hosts/],
    [
      'a key that is there twice',
      'each: { in: [a, b], key: "\'x\'" }, say: x',
      /of entry 1, the key is that of entry 0, too/,
    ],
    [
      'a key that fits no id',
      'each: { in: ["a/b"], key: each.value }, say: x',
      /of entry 0, the key is not 1 to 40 small letters/,
    ],
    [
      'a key of a misspelt field',
      'each: { in: "${{ param.users }}", key: each.value.nme }, say: x',
      'there is no field "nme"; did you mean "name"?',
    ],
    ['a secret in a key', 'each: { in: [a], key: secret.token }, say: x', /a secret may not go here/],
    ['too many entries', `each: [${'1, '.repeat(201)}], say: x`, /^this must be at most 200 entries/],
    [
      'one value of a list that is gathered',
      `${each}, run: [id], register: { out: { from: stdout } }, read_only: true }\n- { id: b, step: x, when: steps.a.out == "x", say: y`,
      /no such overload: list<string> == string/,
    ],
  ];
  it.each(wrong)('finds %s', (_what, step, expected) => {
    const said = found(`- { id: a, step: x, ${step} }`);
    expect(said).toHaveLength(1);
    if (typeof expected === 'string') expect(said[0]).toBe(expected);
    else expect(said[0]).toMatch(expected);
  });
});
