import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compilePlan } from '../../model/compile/compile.js';
import { formatFinding } from '../../model/finding.js';
import type { Plan } from '../../model/plan.js';

/**
 * The plan of a runbook of Gluu for hosts that are nowhere.
 * @param runbook - its name, without ending
 * @param inventory - the text of an inventory
 * @param top - the project's top folder
 * @throws Error with all findings where there is no plan
 */
export function planWithoutLab(
  runbook: string,
  inventory: string,
  inputs: Readonly<Record<string, unknown>>,
  top = '.',
): Plan {
  const folder = join(top, 'runbooks', 'gluu');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .map((file) => [file.slice(folder.length + 1), readFileSync(file)] as const);
  const { plan, findings } = compilePlan({
    files: new Map([...files, ['inventory', Buffer.from(inventory)]]),
    runbook: `${runbook}.yaml`,
    inventory: 'inventory',
    inputs,
    secretVersion: () => 1,
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
  if (!plan) throw new Error(findings.map(formatFinding).join('\n'));
  return plan;
}

/** A cluster of three nodes as the checks plan it, with other groups. */
export function plannedCluster(groups: string): {
  readonly inventory: string;
  readonly inputs: Readonly<Record<string, unknown>>;
} {
  const { inventory, inputs } = parse(readFileSync('test/cases/runbooks/real/gluu-cluster.yaml', 'utf8')) as {
    readonly inventory: string;
    readonly inputs: Readonly<Record<string, unknown>>;
  };
  return { inventory: inventory.replace(/^groups: .*$/m, `groups: ${groups}`), inputs };
}
