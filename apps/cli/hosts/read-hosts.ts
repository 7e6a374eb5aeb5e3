import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { formatFinding } from '../../../model/finding.js';
import { readInventory, type Host, type Inventory } from '../../../model/inventory/inventory.js';
import { exitCodes } from '../exit-codes.js';
import { Stop, usage } from '../stop.js';
import { visible } from '../visible.js';
import type { World } from '../world.js';

/**
 * Reads an inventory for the commands about hosts.
 *
 * @throws Stop (findings) after every mistake was printed
 */
export async function readHosts(
  world: World,
  file: string,
): Promise<{ inventory: Inventory; path: string; bytes: Buffer }> {
  const path = resolve(world.folder, file);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw usage(
      error.code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read: ${error.code ?? 'unknown reason'}`,
    );
  });
  const { inventory, findings } = readInventory(file, bytes);
  if (inventory !== undefined) return { inventory, path, bytes };
  world.err.write(findings.map((finding) => `${visible(formatFinding(finding))}\n`).join(''));
  throw new Stop(`${file} is no inventory`, exitCodes.findings);
}

/** @throws Stop (usage), with the name that may have been meant */
export function hostNamed(inventory: Inventory, name: string): Host {
  const host = inventory.hosts.get(name);
  if (host !== undefined) return host;
  const near = closest(name, [...inventory.hosts.keys()]);
  const hint = near !== undefined && distance(name, near) <= 3 ? `; did you mean ${near}?` : '';
  throw usage(`the inventory has no host ${name}${hint}`);
}

/** The machine behind a host's name, as leases know it. */
export function machineOf(host: Host): string {
  return host.machine ?? `${host.address}:${host.port}`;
}
