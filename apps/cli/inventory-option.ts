import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { dataFolder } from './folders.js';
import type { World } from './world.js';

/**
 * `-i`, without which BELAY_INVENTORY counts, and then `inventory.yaml` in the data folder, where there is one.
 *
 * @param about - what the inventory is for
 */
export function inventoryOption(world: World, about: string): Option {
  const option = new Option('-i, --inventory <file>', about).makeOptionMandatory();
  const usual = world.environment['BELAY_INVENTORY'] ?? join(dataFolder(world.environment), 'inventory.yaml');
  return world.environment['BELAY_INVENTORY'] !== undefined || existsSync(usual) ? option.default(usual) : option;
}
