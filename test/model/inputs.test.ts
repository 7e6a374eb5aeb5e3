import { describe, expect, it } from 'vitest';
import { foundIn, onePhase, planOf } from './planning.js';

/** What each type of parameter takes, in the form in which it is kept, and what it refuses. */
const types: readonly {
  readonly type: string;
  readonly takes: readonly (readonly [entered: unknown, kept: unknown])[];
  readonly refuses: readonly unknown[];
  readonly because: string;
}[] = [
  {
    type: 'type: text',
    takes: [
      ['', ''],
      ['a "b" $(c)\n', 'a "b" $(c)\n'],
    ],
    refuses: [5, true, null, 'a\0b', '\ud800'],
    because: 'it must be ',
  },
  {
    type: 'type: text, pattern: "[a-z]+"',
    takes: [['abc', 'abc']],
    refuses: ['', 'abc1', 'abc\n', '1abc'],
    because: 'it does not match [a-z]+',
  },
  {
    type: 'type: integer, min: -1, max: 10',
    takes: [
      [-1, -1],
      ['10', 10],
    ],
    refuses: [-2, '11', 11],
    because: 'it must be from -1 to 10',
  },
  {
    type: 'type: integer',
    takes: [[9007199254740991, 9007199254740991]],
    refuses: [1.5, '1e3', '0x10', 9007199254740992, '', true],
    because: 'it must be a whole number',
  },
  {
    type: 'type: boolean',
    takes: [
      [true, true],
      ['false', false],
    ],
    refuses: ['yes', 1, '', null],
    because: 'it must be true or false',
  },
  {
    type: 'type: choice, choices: [memory, redis]',
    takes: [['redis', 'redis']],
    refuses: ['Redis', '', 1],
    because: 'it must be one of memory, redis',
  },
  {
    type: 'type: fqdn',
    takes: [
      ['cache.example.org', 'cache.example.org'],
      ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ],
    refuses: [
      'cache',
      '-a.example.org',
      'a..example.org',
      'a_b.example.org',
      '192.0.2.1',
      `${'a'.repeat(64)}.org`,
      'a.org.',
    ],
    because: 'it must be a host name with its domain',
  },
  {
    type: 'type: address',
    takes: [
      ['192.0.2.1', '192.0.2.1'],
      ['2001:db8::1', '2001:db8::1'],
    ],
    refuses: ['192.0.2.256', '192.0.2', '2001:db8::1::2', 'cache.example.org', '192.0.2.0/24'],
    because: 'it must be an IPv4 or IPv6 address',
  },
  {
    type: 'type: port',
    takes: [
      [1, 1],
      ['65535', 65_535],
    ],
    refuses: [0, 65_536, -1],
    because: 'it must be from 1 to 65535',
  },
  {
    type: 'type: duration',
    takes: [
      ['30s', '30s'],
      ['1h30m', '1h30m'],
    ],
    refuses: ['30', 30, 's', '1x', '-1s', ''],
    because: 'it must be a length of time',
  },
  {
    type: 'type: size',
    takes: [['512MiB', '512MiB']],
    refuses: ['512', 512, 'MiB', '1XB', '-1MiB'],
    because: 'it must be an amount',
  },
];

const written = (type: string, entered: unknown) => ({
  runbook: onePhase('- { id: a, step: x, say: hello }').replace('parameters:', `parameters:\n  it: { ${type} }`),
  inputs: { it: entered },
  secrets: { login: 1, token: 1 },
});

describe.each(types)('a parameter of $type', ({ type, takes, refuses, because }) => {
  it.each(takes)('takes %j', (entered, kept) => {
    expect(planOf(written(type, entered)).inputs['it']).toEqual(kept);
  });

  it.each(refuses)('refuses %j', (entered) => {
    const found = foundIn(written(type, entered));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^\/inputs\/it: /);
    expect(found[0]).toContain(because);
  });
});
