// cspell:ignore adress
import { describe, expect, it } from 'vitest';
import { wavesOf } from '../../model/compile/waves.js';
import { formatFinding } from '../../model/finding.js';
import { readInventory } from '../../model/inventory/inventory.js';
import { selectHosts } from '../../model/inventory/pattern.js';

const host = (more = ''): string => `{ address: 192.0.2.1, key: { agent: true }${more} }`;
const read = (text: string) => readInventory('i.yaml', new TextEncoder().encode(text));
const findings = (text: string): string[] => read(text).findings.map(formatFinding);

const choice = {
  hosts: ['cache', 'node1', 'node2', 'node3'],
  groups: new Map([
    ['cache', ['cache']],
    ['nodes', ['node3', 'node1', 'node2']],
    ['prod', ['node1', 'cache']],
  ]),
};

describe('a host pattern', () => {
  const patterns: readonly (readonly [pattern: string, hosts: string[]])[] = [
    ['all', ['cache', 'node1', 'node2', 'node3']],
    ['nodes', ['node3', 'node1', 'node2']],
    ['node2', ['node2']],
    ['nodes:!node2', ['node3', 'node1']],
    ['nodes:&prod', ['node1']],
    ['nodes:&prod:cache', ['node1', 'cache']],
    ['cache:nodes', ['cache', 'node3', 'node1', 'node2']],
    ['all:!nodes', ['cache']],
    ['nodes[0]', ['node3']],
    ['nodes[1:]', ['node1', 'node2']],
    ['nodes[1:]:!node1', ['node2']],
    ['nodes:!nodes[0]', ['node1', 'node2']],
    ['nodes:!nodes', []],
  ];
  it.each(patterns)('%s stands for %j', (pattern, hosts) => {
    expect(selectHosts(pattern, choice)).toEqual({ hosts });
  });

  const wrong: readonly (readonly [pattern: string, offset: number, problem: string])[] = [
    ['nodes:!nod2', 7, 'there is no host or group "nod2"'],
    ['nodes[3]', 0, '"nodes" has 3 hosts, counted from 0'],
    ['!nodes', 0, 'a pattern begins with the hosts to take from'],
    ['nodes:', 6, '"" is no part of a host pattern'],
    ['nodes[:2]', 0, '"nodes[:2]" is no part of a host pattern'],
    ['nodes[-1]', 0, '"nodes[-1]" is no part of a host pattern'],
    ['no*', 0, '"no*" is no part of a host pattern'],
    ['nodes, cache', 0, '"nodes, cache" is no part of a host pattern'],
  ];
  it.each(wrong)('%s is refused at character %i', (pattern, offset, problem) => {
    expect(selectHosts(pattern, choice)).toMatchObject({ mistake: { offset, problem } });
  });
});

describe('an inventory', () => {
  it('puts the hosts of inner groups into outer ones, each once', () => {
    const { inventory } = read(
      `hosts: { a: ${host()}, b: ${host()}, c: ${host()} }\ngroups: { all_of: [two, a, c], two: [b, a], b: [b] }`,
    );
    expect(Object.fromEntries(inventory?.groups ?? [])).toEqual({ all_of: ['b', 'a', 'c'], two: ['b', 'a'], b: ['b'] });
  });

  it('gives a host its own values over those of its groups, and those of inner groups over outer ones', () => {
    const { inventory } = read(`
hosts: { a: ${host(', values: { x: own }')}, b: ${host()} }
groups:
  outer: { hosts: [inner], values: { x: outer, y: outer, z: outer } }
  inner: { hosts: [a, b], values: { x: inner, y: inner } }
`);
    expect(inventory?.hosts.get('a')?.values).toEqual({ x: 'own', y: 'inner', z: 'outer' });
    expect(inventory?.hosts.get('b')?.values).toEqual({ x: 'inner', y: 'inner', z: 'outer' });
  });

  it('refuses two groups that disagree on a value, unless the host decides', () => {
    const groups = 'groups: { p: { hosts: [a, b], values: { x: 1 } }, q: { hosts: [a, b], values: { x: 2 } } }';
    expect(findings(`hosts: { a: ${host(', values: { x: 3 }')}, b: ${host()} }\n${groups}`)).toEqual([
      'i.yaml:2:81: "b" gets "x" from here and from the group "p"; give the host a value of its own',
    ]);
  });

  const wrong: readonly (readonly [what: string, text: string, expected: string[]])[] = [
    [
      'a group that contains itself',
      `hosts: { a: ${host()} }\ngroups: { p: [q], q: [r], r: [p, a] }`,
      ['i.yaml:2:31: the group "p" contains itself: p > q > r > p; take one of them out'],
    ],
    [
      'a member that nobody knows',
      `hosts: { node1: ${host()} }\ngroups: { p: [node1, nod1] }`,
      ['i.yaml:2:22: there is no host or group "nod1"; did you mean "node1"?'],
    ],
    [
      'a key that is no key',
      `hosts:\n  a: { address: x, key: { agent: true }, host_keys: [ssh-rsa] }`,
      ['i.yaml:2:54: must be a key type and its base64, as in known_hosts; "belay host enrol" writes it'],
    ],
    [
      'a way through a host that nobody knows',
      `hosts: { gate: ${host()}, a: ${host(', jump: gat')} }`,
      ['i.yaml:1:115: there is no host "gat"; did you mean "gate"?'],
    ],
    [
      'a way that leads through itself',
      `hosts: { a: ${host(', jump: b')}, b: ${host(', jump: c')}, c: ${host(', jump: b')} }`,
      [
        'i.yaml:1:121: the way to "b" leads through itself: b > c > b; take one of the jumps out',
        'i.yaml:1:179: the way to "c" leads through itself: c > b > c; take one of the jumps out',
      ],
    ],
    [
      'a weak algorithm that is none of those that may be let in',
      'hosts:\n  a: { address: x, key: { agent: true }, weak_algorithms: [none] }',
      [
        `i.yaml:2:60: this must be one of diffie-hellman-group14-sha1, diffie-hellman-group-exchange-sha1, diffie-hellman-group1-sha1, aes256-cbc, aes192-cbc, aes128-cbc, 3des-cbc, hmac-sha1, ssh-rsa`,
      ],
    ],
    [
      'a value with the name of a fact',
      `hosts:\n  a: ${host(', values: { os: x }')}`,
      ['i.yaml:2:60: these names are taken: name, address, os, os_version, init, architecture'],
    ],
    [
      'an option in the place of an address',
      'hosts:\n  a: { address: -oProxyCommand=x, key: { agent: true } }',
      ['i.yaml:2:17: must be a host name or an address'],
    ],
    [
      'a path in the place of a name',
      `hosts:\n  ../a: ${host()}`,
      ['i.yaml:2:3: a name begins with a letter or digit and has at most 64 letters, digits, ".", "_" and "-"'],
    ],
    [
      'a misspelt key',
      'hosts:\n  a: { adress: x, address: y, key: { agent: true } }',
      ['i.yaml:2:8: the key "adress" is not known here; did you mean "address"?'],
    ],
  ];
  it.each(wrong)('refuses %s', (_what, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('the waves of a phase', () => {
  const hosts = (count: number): string[] => Array.from({ length: count }, (_, index) => `h${index}`);
  const cases: readonly (readonly [count: number, serial: Parameters<typeof wavesOf>[1], sizes: number[]])[] = [
    [5, undefined, [5]],
    [5, 1, [1, 1, 1, 1, 1]],
    [5, 2, [2, 2, 1]],
    [5, 10, [5]],
    [10, '30%', [3, 3, 3, 1]],
    [5, '1%', [1, 1, 1, 1, 1]],
    [5, '100%', [5]],
    [10, [1, 2], [1, 2, 2, 2, 2, 1]],
    [10, [1, '50%'], [1, 5, 4]],
    [120, undefined, [50, 50, 20]],
    [120, [1, 119], [1, 50, 50, 19]],
    [0, 3, []],
  ];
  it.each(cases)('of %i hosts with serial %j are of %j', (count, serial, sizes) => {
    const waves = wavesOf(hosts(count), serial);
    expect(waves.map((wave) => wave.length)).toEqual(sizes);
    expect(waves.flat()).toEqual(hosts(count));
  });
});
