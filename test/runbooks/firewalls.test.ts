import { describe, expect, it } from 'vitest';
import type { Plan, PlannedStep } from '../../model/plan.js';
import { plannedCluster, planWithoutLab } from './plan-without-lab.js';

/** Where the balancer and the cache of three nodes are. */
const layouts = [
  { it: 'the cache on a host of its own', balancer: 'balancer', cache: 'cache' },
  { it: 'the cache on the balancer', balancer: 'balancer', cache: 'balancer' },
  { it: 'the cache on the first node', balancer: 'balancer', cache: 'node1' },
  { it: 'the cache on another node', balancer: 'balancer', cache: 'node2' },
] as const;
type Layout = (typeof layouts)[number];

const inputs = {
  prepare: { public_name: 'login.example.org' },
  cluster: { on_balancer: true },
  'remove-node': { public_name: 'login.example.org', node: 'node3' },
};

function planOf(runbook: keyof typeof inputs, { balancer, cache }: Layout, nodes: string, more: object = {}): Plan {
  const cluster = plannedCluster(`{ nodes: [${nodes}], balancer: [${balancer}], cache: [${cache}] }`);
  return planWithoutLab(runbook, cluster.inventory, {
    ...(runbook === 'cluster' && cluster.inputs),
    ...inputs[runbook],
    firewall: 'nftables',
    workers: ['192.0.2.9'],
    ...more,
  });
}

interface Rule {
  readonly action: string;
  readonly port: string;
  readonly from: readonly string[];
}
/** The rules that a step keeps, by their name. */
type Rules = Readonly<Record<string, readonly Rule[]>>;

const wordsOf = ({ operations: [operation] }: PlannedStep): string[] => {
  if (operation?.on !== 'host') throw new Error('not on a host');
  return (operation.do.arguments ?? []).map((one) => {
    if (typeof one !== 'string') throw new Error('known in the run alone');
    return one;
  });
};

function rulesOf(step: PlannedStep): Rules {
  const [name = '', ...words] = wordsOf(step);
  const rules = Array.from({ length: words.length / 4 }, (_, index) => words.slice(index * 4, index * 4 + 4));
  return {
    [name]: rules.map(([action = '', , port = '', from = '']) => ({
      action,
      port,
      from: from.split(',').filter((one) => one !== ''),
    })),
  };
}

/** Whether rules let a machine in at a port: of each name the first rule that fits decides, and one that refuses is enough. */
const letsIn = (rules: Rules, from: string, port: string): boolean =>
  Object.values(rules).every((some) => {
    const first = some.find((one) => one.port === port && (one.from.length === 0 || one.from.includes(from)));
    return first === undefined || first.action === 'allow';
  });

interface Tried {
  readonly way: string;
  readonly expected: string;
  /** What the rules would have come of it, as the run has them by then. */
  readonly found: string;
}

/** Goes through a plan in its order, by the ways that parts/reach.yaml tries. @returns the rules that each address has at the end, and every way that was tried */
function followed(plan: Plan): { readonly rules: Readonly<Record<string, Rules>>; readonly tried: readonly Tried[] } {
  const rules: Record<string, Rules> = {};
  const tried: Tried[] = [];
  for (const step of plan.phases.flatMap(({ steps }) => steps))
    for (const { address: host } of Object.keys(step.tasks).map((one) => plan.hosts[one]!)) {
      if (step.kind === 'firewall') rules[host] = { ...rules[host], ...rulesOf(step) };
      // Other steps try what listens, which no rule decides.
      if (step.kind !== 'port' || !/\.port\.p\d+$/.test(step.id)) continue;
      const [to = '', port = '', expected = ''] = wordsOf(step);
      const found = letsIn(rules[to] ?? {}, host, port) ? 'open' : 'closed';
      tried.push({ way: `${host} to ${to} port ${port}`, expected, found });
    }
  return { rules, tried };
}

/** Every way from one machine to another that the rules shut. */
function shutWays(rules: Readonly<Record<string, Rules>>, machines: readonly string[]): string[] {
  return Object.entries(rules).flatMap(([to, some]) => {
    const ports = [...new Set(Object.values(some).flatMap((one) => one.map(({ port }) => port)))];
    return machines
      .filter((from) => from !== to)
      .flatMap((from) =>
        ports.filter((port) => !letsIn(some, from, port)).map((port) => `${from} to ${to} port ${port}`),
      );
  });
}

const machinesOf = (plan: Plan): string[] => Object.values(plan.hosts).map(({ address }) => address);
const addressOf = (plan: Plan, host: string): string => plan.hosts[host]!.address;
const nodesOf = (plan: Plan): string[] => ['node1', 'node2', 'node3'].map((one) => addressOf(plan, one));
const triedShut = (tried: readonly Tried[]): string[] =>
  [...new Set(tried.filter(({ expected }) => expected === 'closed').map(({ way }) => way))].sort();

describe.each(layouts)('firewalls of a Gluu cluster with $it', (layout) => {
  const three = 'node1, node2, node3';

  it.each(['prepare', 'cluster'] as const)('%s: each way that its rules shut is tried, and no other', (runbook) => {
    const plan = planOf(runbook, layout, three);
    const { rules, tried } = followed(plan);
    expect(tried.filter(({ expected, found }) => expected !== found)).toEqual([]);
    expect(triedShut(tried)).toEqual(shutWays(rules, machinesOf(plan)).sort());
  });

  it('prepare: the same with the older layout, whose web servers and proxy only those reach that need them', () => {
    const plan = planOf('prepare', layout, three, { older_layout: true });
    const { rules, tried } = followed(plan);
    expect(tried.filter(({ expected, found }) => expected !== found)).toEqual([]);
    expect(triedShut(tried)).toEqual(shutWays(rules, machinesOf(plan)).sort());
    const [balancer, nodes] = [[addressOf(plan, layout.balancer)], nodesOf(plan)];
    const ways = [
      ...nodes.map((to) => ({ to, port: '7777', from: balancer })),
      ...balancer.map((to) => ({ to, port: '8888', from: nodes })),
    ];
    for (const { to, port, from } of ways) {
      const others = machinesOf(plan).filter((one) => one !== to);
      expect(others.filter((one) => letsIn(rules[to] ?? {}, one, port))).toEqual(
        others.filter((one) => from.includes(one)),
      );
      expect(others.filter((one) => !tried.some(({ way }) => way === `${one} to ${to} port ${port}`))).toEqual([]);
    }
  });

  it('cluster keeps the rules of prepare, by an approval that says the same', () => {
    const [prepare, cluster] = (['prepare', 'cluster'] as const).map((one) => planOf(one, layout, three));
    expect(followed(cluster!).rules).toEqual(followed(prepare!).rules);
    const [asked, asks] = [prepare!, cluster!].map(
      (plan) => plan.phases.find(({ steps }) => steps.some(({ kind }) => kind === 'firewall'))?.approval?.ask,
    );
    expect(asked).toContain('CUT OFF');
    expect(asks).toBe(asked);
  });

  it('cluster and remove-node have no rule of a firewall, and expect no way shut, where they are to leave them', () => {
    for (const runbook of ['cluster', 'remove-node'] as const) {
      const { rules, tried } = followed(planOf(runbook, layout, three, { firewall: 'leave', workers: [] }));
      expect(rules).toEqual({});
      expect(triedShut(tried)).toEqual([]);
    }
  });

  it.each([
    { it: 'a machine of its own', workers: ['192.0.2.9'] },
    { it: 'the node that leaves', workers: ['192.0.2.6'] },
  ])('remove-node shuts all that is left to the node, and tries it, with a worker on $it', ({ workers }) => {
    const plan = planOf('remove-node', layout, three, { workers });
    const { rules, tried } = followed(plan);
    const leaving = '192.0.2.6';
    const fromNode = triedShut(tried).filter((way) => way.startsWith(`${leaving} `));
    expect(fromNode).toEqual(shutWays(rules, [leaving]).sort());
    expect(tried.filter(({ expected, found }) => expected !== found)).toEqual([]);
    expect(JSON.stringify(rules).includes(leaving)).toBe(workers.includes(leaving));
    const { rules: prepared } = followed(planOf('prepare', layout, 'node1, node2', { workers }));
    for (const [to, some] of Object.entries(rules)) expect(prepared[to]).toMatchObject(some);
  });
});
