import { describe, expect, it } from 'vitest';
import { asserted, unmet } from '../../model/expression/assertion.js';
import type { Scope } from '../../model/expression/scope.js';

const scope: Scope = {
  param: { disk: '10GiB', systems: ['debian 12'] },
  host: { name: 'node1', address: '192.0.2.1', note: 'of no interest' },
  groups: { nodes: [{ name: 'node1', address: '192.0.2.1', fqdn: 'node1.lab.test' }] },
  each: { value: { address: '192.0.2.2', name: 'node2' }, index: 0 },
  steps: { first: { ms: 5 } },
  every: () => ({
    node: [
      { host: 'node1', system: 'debian 12', memory: 4 },
      { host: 'node2', system: 'debian 11', memory: 4 },
    ],
  }),
};
const said = (expression: string, own: Readonly<Record<string, number | string>> = {}): string => {
  const { holds, read } = asserted(expression, scope, 'own', own);
  return holds ? 'it holds' : unmet(expression, own, read, (json) => json).replace(`${expression} does not hold`, '');
};

describe('An assertion that does not hold', () => {
  it.each([
    {
      it: 'each host with what is compared, and nothing else of it',
      expression: 'every.node.all(one, one.system == every.node[0].system)',
      says: ': every.node = [{"host":"node1","system":"debian 12"},{"host":"node2","system":"debian 11"}]',
    },
    {
      it: 'what its own step has found, and what an earlier one had',
      expression: 'steps.own.ms < steps.first.ms',
      own: { ms: 7 },
      says: ': ms = 7, steps.first.ms = 5',
    },
    {
      it: 'what was asked for',
      expression: 'steps.own.free >= inBytes(param.disk)',
      own: { free: 1 },
      says: ': free = 1, param.disk = "10GiB"',
    },
    {
      it: 'the entry that a repeated step is for',
      expression: 'each.value.address == host.address',
      says: ': each.value.address = "192.0.2.2", host.address = "192.0.2.1"',
    },
    {
      it: 'of a group which hosts, and what is compared',
      expression: 'groups.nodes.exists(one, one.address == "192.0.2.9")',
      says: ': groups.nodes = [{"name":"node1","address":"192.0.2.1"}]',
    },
    { it: 'nothing where it reads nothing', expression: '1 == 2', says: '' },
  ])('tells $it', ({ expression, own, says }) => {
    expect(said(expression, own)).toBe(says);
  });

  it('tells no secret', () => {
    const { read } = asserted('secret.word == "other"', { secret: { word: 'told to nobody' } }, 'own', {});
    expect(read).toEqual({});
  });
});

describe('An assertion that holds', () => {
  it('has nothing to tell', () => {
    expect(said('steps.own.ms > steps.first.ms', { ms: 7 })).toBe('it holds');
  });
});
