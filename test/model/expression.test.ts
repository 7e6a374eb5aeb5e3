import { describe, expect, it } from 'vitest';
import { evaluate, tryEvaluate } from '../../model/expression/evaluate.js';
import { fill, fillText } from '../../model/expression/fill.js';
import type { Scope } from '../../model/expression/scope.js';
import { splitTemplate } from '../../model/expression/template.js';
import { Failed } from '../../model/failure.js';
import type { Value } from '../../model/value.js';

const scope: Scope = {
  param: {
    port: 16379,
    ratio: 1.5,
    name: 'redis',
    tls: true,
    wait: '1h30m',
    size: '2MiB',
    trap: '${{ secret.password }}',
  },
  host: { name: 'node1', address: '192.0.2.2', os: 'debian', nothing: null, list: ['a', 'b'], map: { deep: { x: 1 } } },
  groups: {
    nodes: [
      { name: 'node1', address: '192.0.2.2' },
      { name: 'node2', address: '192.0.2.3' },
    ],
  },
  steps: { ping: { pong: 'PONG', exit: 0 } },
  secret: { password: 'not12a345number', authority: { certificate: 'C', key: 'K' } },
};

const values: readonly (readonly [expression: string, value: Value])[] = [
  ['param.port + 1', 16380],
  ['param.port / 2', 8189],
  ['param.ratio * 2.0', 3],
  ['string(param.port) + "/tcp"', '16379/tcp'],
  ['size(groups.nodes)', 2],
  ['groups.nodes[1].address', '192.0.2.3'],
  ['groups.nodes.map(n, n.address).join(",")', '192.0.2.2,192.0.2.3'],
  ['groups.nodes.filter(n, n.name != host.name).map(n, n.name)', ['node2']],
  ['groups.nodes.exists(n, n.name == host.name) ? "in" : "out"', 'in'],
  ['steps.ping.pong == "PONG" && steps.ping.exit == 0', true],
  ['has(host.os) && !has(host.kernel)', true],
  ['has(steps.ping.other) ? steps.ping.other : "none"', 'none'],
  ['host.map.deep.x', 1],
  ['host["map"]["deep"]', { x: 1 }],
  ['host.nothing == null', true],
  ['matches(param.name, "^re(dis|mote)$")', true],
  ['inSeconds(param.wait)', 5400],
  ['inBytes(param.size)', 2_097_152],
  ['param.trap', '${{ secret.password }}'],
  ['secret.authority.certificate + secret.authority.key', 'CK'],
  ['"é".size()', 1],
];

describe('an expression', () => {
  it.each(values)('%s has its value', (expression, value) => {
    expect(evaluate(expression, scope)).toEqual(value);
  });

  const none = [
    'param.missing',
    'host.kernel',
    'groups.nodes[2].address',
    'groups.nope',
    'param',
    'nodes',
    'param.port + "a"',
    '1 / 0',
    'param.constructor',
    'host.__proto__',
    'host.map.constructor',
    '"a".constructor',
    'timestamp("2026-01-01T00:00:00Z")',
    'b"x"',
    'b"x".hex()',
    'cel.bind(a, 1, a)',
    '9223372036854775807 + 1',
    '9007199254740993',
    'matches("a", "(")',
    'int("x")',
    'inSeconds("soon")',
    '1 +',
    '',
    'x'.repeat(3000),
    `${'('.repeat(100)}1${')'.repeat(100)}`,
  ];
  it.each(none)('%s has none, and says why', (expression) => {
    expect(() => evaluate(expression, scope)).toThrow(Failed);
    expect(() => evaluate(expression, scope)).toThrow(/^step\/value-unusable: evaluate /);
  });

  it('never tells a secret when it fails', () => {
    for (const expression of [
      'int(secret.password)',
      'bool(secret.password)',
      'inSeconds(secret.password)',
      'matches("a", "(" + secret.password)',
    ]) {
      const outcome = tryEvaluate(expression, scope);
      expect('why' in outcome ? outcome.why : 'no failure').not.toContain('not12a345');
      expect('why' in outcome).toBe(true);
    }
  });

  it('ends soon, whatever it is', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ name: `n${index}`, address: 'a' }));
    const start = process.cpuUsage();
    const costly = [
      `matches("${'a'.repeat(1000)}!", "^(a+)+$")`,
      'matches(param.long, "(x+x+)+y")',
      'matches(param.long, "((a{1,30}){1,30}){1,30}")',
      'groups.all.map(a, groups.all.map(b, a.name + b.name))',
      'groups.all.map(a, groups.all.map(b, groups.all.map(c, c)))',
      `[${'1,'.repeat(5000)}]`,
      `${'-'.repeat(1999)}1`,
      `${'!'.repeat(1990)}true`,
      `${'['.repeat(900)}${']'.repeat(900)}`,
    ];
    for (const expression of costly)
      tryEvaluate(expression, { param: { long: 'x'.repeat(60_000) }, groups: { all: many } });
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(10_000);
  });
});

describe('an expression that would take too long', () => {
  const all = Array.from({ length: 500 }, (_, index) => ({ name: `n${index}`, values: ['x'.repeat(200)] }));
  const within: Scope = { param: { long: 'x'.repeat(60_000) }, groups: { all } };
  const pieces = 'param.long.split("", 9000)';
  const tooLong = [
    `${pieces}.map(a, ${pieces}.map(b, a + b))`,
    `${pieces}.all(a, ${pieces}.all(b, a != b + "y"))`,
    `${pieces}.map(a, ${pieces}).map(b, b.join("").split("").join("y"))`,
    `${pieces}.map(a, param.long + param.long).join(param.long)`,
    `${pieces}.map(a, matches(param.long, "(x+x+)+y"))`,
    `${pieces}.map(a, param.long.contains("xy"))`,
    'groups.all.map(a, groups.all.filter(b, groups.all == groups.all))',
    Array.from({ length: 20 }, () => `${pieces}.all(a, 1 / 0 == 1)`).join(' || '),
  ];
  it.each(tooLong)('%s ends with a reason', (expression) => {
    expect(tryEvaluate(expression, within)).toMatchObject({ why: expect.stringContaining('more than 3000000 steps') });
  });

  it('visits no more elements in one loop than are allowed', () => {
    expect(tryEvaluate('param.long.split("").exists(a, a == "y")', within)).toMatchObject({
      why: 'a loop visits at most 10000 elements',
    });
  });

  it('is none where every host is compared with every other one', () => {
    expect(evaluate('groups.all.filter(a, groups.all.exists(b, a.name == b.name + "0")).size()', within)).toBe(49);
    expect(evaluate('groups.all.map(a, groups.all.filter(b, a.name == b.name)[0].name).size()', within)).toBe(500);
    expect(evaluate('groups.all.filter(a, matches(a.name, "^n1[0-9]$")).size()', within)).toBe(10);
  });
});

describe('a text', () => {
  const hole = (expression: string) => ({ expression, sees: 'run' as const });

  it('keeps the type of the value where it is one whole expression', () => {
    expect(fill({ template: [hole('param.port')] }, scope)).toBe(16379);
    expect(fillText({ template: [hole('param.port')] }, scope)).toBe('16379');
  });

  it('is joined from its pieces, and filled once only', () => {
    expect(fill({ template: ['port ', hole('param.port'), ' of ', hole('param.trap')] }, scope)).toBe(
      'port 16379 of ${{ secret.password }}',
    );
    expect(fill('${{ param.port }}', scope)).toBe('${{ param.port }}');
  });

  it('takes no lists, maps or nothing', () => {
    for (const expression of ['host.list', 'host.map', 'host.nothing']) {
      expect(() => fill({ template: ['a ', hole(expression)] }, scope)).toThrow(/cannot stand in a text/);
      expect(() => fillText({ template: [hole(expression)] }, scope)).toThrow(/cannot stand in a text/);
    }
  });

  const cuts: readonly (readonly [text: string, expressions: string[]])[] = [
    ['a ${{ b }} c ${{d}}', ['b', 'd']],
    ['${{ {"a": {"b": 1}}["a"]["b"] }}', ['{"a": {"b": 1}}["a"]["b"]']],
    ['${{ "}}" + \'}}\' }}', ['"}}" + \'}}\'']],
    ['${{ "\\"}}" }}', ['"\\"}}"']],
    ['${{ """a "}}" b""" }}', ['"""a "}}" b"""']],
    ['${{ "${{" }} {{ x }} ${x} $x }}', ['"${{"']],
    ['$${{ a }}', ['a']],
  ];
  it.each(cuts)('%s is cut where its expressions end', (text, expressions) => {
    const { pieces, mistakes } = splitTemplate(text);
    expect(mistakes).toEqual([]);
    expect(pieces.flatMap((piece) => ('expression' in piece ? [piece.expression] : []))).toEqual(expressions);
  });
});
