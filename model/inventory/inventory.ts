import type { SourceDocument } from '../document/document.js';
import { findingsOf } from '../document/issues.js';
import { readDocument } from '../document/read.js';
import { hasErrors, type Finding } from '../finding.js';
import type { Value } from '../value.js';
import { resolveGroups } from './groups.js';
import { checkJumps } from './jumps.js';
import { inventory as schema, type InventoryHost } from './schema.js';
import { resolveValues } from './values.js';

/** Hosts and groups, resolved: what a name stands for can be looked up. */
export interface Inventory {
  readonly hosts: ReadonlyMap<string, Host>;
  /** For each group its hosts, each once, in the order in which they are listed. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** For each group that has a budget, how many of its hosts may be down at a time. */
  readonly budgets: ReadonlyMap<string, number>;
  /** Every value that some host has, by name. */
  readonly valueNames: readonly string[];
  readonly document: SourceDocument;
}

/** A host with the values of its groups under its own. */
export interface Host extends InventoryHost {
  readonly values: Record<string, Value>;
}

/** Reads an inventory. An inventory is there only where nothing was found against it. */
export function readInventory(
  file: string,
  bytes: Uint8Array | undefined,
): { readonly inventory?: Inventory; readonly findings: readonly Finding[] } {
  const { document, findings } = readDocument(file, bytes);
  if (document === undefined) return { findings };
  const read = schema.safeParse(document.value, { reportInput: true });
  if (!read.success) return { findings: findingsOf(read.error, { document, schema, base: [] }) };
  const groups = resolveGroups(read.data, document);
  const values = resolveValues(read.data, groups, document);
  const found = [...groups.findings, ...values.findings, ...checkJumps(read.data.hosts, document)];
  if (hasErrors(found)) return { findings: found };
  const hosts = new Map(
    Object.entries(read.data.hosts).map(([name, host]) => [name, { ...host, values: values.of.get(name) ?? {} }]),
  );
  const valueNames = [...new Set([...hosts.values()].flatMap((host) => Object.keys(host.values)))];
  const budgets = new Map(
    Object.entries(read.data.groups).flatMap(([name, group]) =>
      Array.isArray(group) || group.budget === undefined ? [] : [[name, group.budget.down]],
    ),
  );
  return { inventory: { hosts, groups: groups.hosts, budgets, valueNames, document }, findings: found };
}
