import { expect, it } from 'vitest';
import { plannedCluster, planWithoutLab } from './plan-without-lab.js';
import { checkOf, judgingIn, layoutsBroken } from './sabotage.js';

/** The checks that gluu/verify makes of a cluster with two nodes, by their names. */
function checksOf(cache: readonly string[], inputs: Readonly<Record<string, unknown>>): string[] {
  const { inventory } = plannedCluster(`{ nodes: [node1, node2], balancer: [balancer], cache: [${cache.join(', ')}] }`);
  const plan = planWithoutLab('verify', inventory, { public_name: 'login.example.org', ...inputs });
  return [...new Set(plan.phases.flatMap(judgingIn).map(checkOf))];
}

const usual = checksOf(['balancer'], {});

it.each(layoutsBroken.layouts)(
  'gluu/verify makes no check of a cache with $layout that no table shows red',
  ({ cache, inputs }) => {
    const { again: _again, ...asked } = inputs;
    const red = layoutsBroken.layouts.flatMap(({ batches }) =>
      batches.flatMap(({ rows }) => rows.flatMap((one) => one.red)),
    );
    const shown = new Set([
      ...usual,
      ...(layoutsBroken.passedOver ?? []),
      ...red.map((step) => checkOf(step.split('@')[0] ?? '')),
    ]);
    expect(checksOf(cache, asked).filter((one) => !shown.has(one))).toEqual([]);
  },
  60_000,
);
