import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { compilePlan } from '../../model/compile/compile.js';
import { formatFinding } from '../../model/finding.js';
import { checkOf, judgingIn, layoutsBroken } from './sabotage.js';

const folder = 'runbooks/gluu';
const files = new Map(
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`)
    .map((path) => [path.slice(folder.length + 1), new Uint8Array(readFileSync(path))]),
);

/** The checks that gluu/verify makes of a cluster with two nodes, by their names. */
function checksOf(cache: readonly string[], inputs: Readonly<Record<string, unknown>>): string[] {
  const one = parse(readFileSync('test/cases/runbooks/real/gluu-cluster.yaml', 'utf8')) as { inventory: string };
  const groups = `groups: { nodes: [node1, node2], balancer: [balancer], cache: [${cache.join(', ')}] }`;
  const inventory = one.inventory.replace(/^groups: .*$/m, groups);
  const { plan, findings } = compilePlan({
    files: new Map([...files, ['inventory.yaml', new TextEncoder().encode(inventory)]]),
    runbook: 'verify.yaml',
    inventory: 'inventory.yaml',
    inputs: { public_name: 'login.example.org', ...inputs },
    secretVersion: () => 1,
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
  if (!plan) throw new Error(findings.map(formatFinding).join('\n'));
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
