// cspell:ignore serail
import { describe, expect, it } from 'vitest';
import { foundIn, inventoryText } from './planning.js';
import { after, drain, found, overNodes, read, roll, runbook, secrets } from './repeating.js';

describe('In repeated phases and the hosts of phases', () => {
  const steps = 'steps: [{ id: a, step: x, say: y }]';
  const cases: readonly (readonly [what: string, phases: readonly string[], expected: string | RegExp])[] = [
    [
      'a host that is not there',
      [`{ phase: P, hosts: "\${{ 'node' + '3' }}", ${steps} }`],
      '10:29: there is no host "node3"; did you mean "node1"?',
    ],
    [
      'an expression that names a group',
      [`{ phase: P, hosts: "\${{ 'nodes' }}", ${steps} }`],
      /^10:29: there is no host "nodes"/,
    ],
    [
      'no host at all',
      [`{ phase: P, hosts: "\${{ param.some }}", ${steps} }`],
      /^10:29: this names no host; look at what it names/,
    ],
    [
      'hosts instead of their names',
      [`{ phase: P, hosts: "\${{ groups.nodes }}", ${steps} }`],
      /^10:29: this gives no name of a host, and no list of them; add "\.name"/,
    ],
    [
      'a number among the names',
      [`{ each: [{ n: [1] }], phases: [{ phase: P, hosts: "\${{ each.value.n }}", ${steps} }] }`],
      /^10:60: for 0, a number is no name of a host/,
    ],
    [
      'an expression in a pattern',
      [`{ phase: P, hosts: "nodes:!\${{ param.name }}", ${steps} }`],
      /^10:24: an expression here gives all of the hosts, and stands alone/,
    ],
    [
      'a host where hosts are chosen',
      [`{ phase: P, hosts: "\${{ host.name }}", ${steps} }`],
      /this is read once for all/,
    ],
    [
      'a secret where hosts are chosen',
      [`{ phase: P, hosts: "\${{ secret.token }}", ${steps} }`],
      /a secret may not go here/,
    ],
    [
      'an entry outside of repeated phases',
      [`{ phase: P, hosts: "\${{ each.value }}", ${steps} }`],
      /no entry of a list is known/,
    ],
    [
      'which entry has no host',
      [`{ each: [node1, node3], phases: [{ phase: P, hosts: "\${{ each.value }}", ${steps} }] }`],
      /^10:62: for 1, there is no host "node3"/,
    ],
    [
      'a key that is there twice',
      [`{ each: { in: "\${{ groups.nodes }}", key: "'x'" }, phases: [{ phase: P, hosts: cache, ${steps} }] }`],
      /^10:47: of entry 1, the key is that of entry 0, too/,
    ],
    [
      'a key that fits no id',
      [`{ each: { in: [a b], key: each.value }, phases: [{ phase: P, hosts: cache, ${steps} }] }`],
      /^10:31: of entry 0, the key is not 1 to 40 small letters/,
    ],
    [
      'a key in braces',
      [`{ each: { in: [a], key: "\${{ each.value }}" }, phases: [{ phase: P, hosts: cache, ${steps} }] }`],
      '10:29: this is an expression already; write it without ${{ and }}',
    ],
    [
      'a key that names a host',
      [`{ each: { in: [a], key: host.name }, phases: [{ phase: P, hosts: cache, ${steps} }] }`],
      /^10:29: this is read once/,
    ],
    [
      'the entry in its own list',
      [`{ each: { in: "\${{ each.value }}" }, phases: [{ phase: P, hosts: cache, ${steps} }] }`],
      /^10:24: no entry of a list is known here/,
    ],
    [
      'what is no list',
      [`{ each: "\${{ param.name }}", phases: [{ phase: P, hosts: cache, ${steps} }] }`],
      /^10:13: this must be a list/,
    ],
    [
      'repeated phases inside others',
      [`{ each: [a], phases: [{ each: [b], phases: [{ phase: P, hosts: cache, ${steps} }] }] }`],
      /^10:27: phases that are repeated do not stand inside others; repeat over one list that holds every pair/,
    ],
    ['phases that nothing repeats', [`{ phases: [{ phase: P, hosts: cache, ${steps} }] }`], /"each" is missing/],
    [
      'a misspelt key',
      [`{ each: [a], phases: [{ phase: P, hosts: cache, serail: 1, ${steps} }] }`],
      /"serail" is not known here; did you mean "serial"/,
    ],
    [
      'steps beside phases',
      [`{ each: [a], phases: [{ phase: P, hosts: cache, ${steps} }], hosts: cache }`],
      /the key "hosts" is not known here/,
    ],
    ['one value of another entry', [roll, after("steps.drain.out + 'x'")], /no such overload: list<string> \+ string/],
    [
      'a step of a later phase of the same entry',
      [
        `{ ${overNodes}, phases: [{ phase: P, hosts: cache, steps: [{ id: a, step: x, say: "\${{ steps.drain.out }}" }] }, ${drain}] }`,
      ],
      /the step "drain" comes later/,
    ],
    [
      'a value of several other hosts',
      [
        `{ ${overNodes}, phases: [{ phase: P, hosts: nodes, steps: [{ id: a, step: x, run: [a], ${read} }] }, { phase: Q, hosts: cache, steps: [{ id: b, step: x, say: "\${{ steps.a.out }}" }] }] }`,
      ],
      /on cache, it is not known whose value of "a" is meant/,
    ],
  ];
  it.each(cases)('%s is found', (_what, phases, expected) => {
    const said = found(phases);
    expect(said).toHaveLength(1);
    if (typeof expected === 'string') expect(said[0]).toBe(expected);
    else expect(said[0]).toMatch(expected);
  });

  it('a wave that no budget has room for is found at its phase', () => {
    const inventory = inventoryText.replace('hosts: [node1, node2]', 'budget: { down: 1 }, hosts: [node1, node2]');
    const phase = `{ phase: P, hosts: nodes, steps: [{ id: a, step: x, put: { path: /a } }] }`;
    const said = foundIn({ runbook: runbook(`{ each: [a], phases: [${phase}] }`), inventory, secrets });
    expect(said).toEqual([
      expect.stringMatching(/^book.runbook.yaml:10:29: a wave of this phase takes 2 hosts of "nodes" down at a time/),
    ]);
  });

  it('more phases than a run can hold are found', () => {
    const many = Array.from({ length: 200 }, (_, index) => `x${index}`).join(', ');
    const phase = (name: string): string =>
      `{ phase: ${name}, hosts: cache, steps: [{ id: ${name}, step: x, say: y }] }`;
    expect(found([`{ each: [${many}], phases: [${['a', 'b', 'c'].map(phase).join(', ')}] }`])).toEqual([
      '9:1: 600 phases are more than a run can hold; repeat over shorter lists: at most 500 phases in all',
    ]);
  });
});
