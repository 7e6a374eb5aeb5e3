import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Inventory } from '../../../model/inventory/inventory.js';
import { confirm } from '../confirm.js';
import { fingerprint } from '../hosts/fingerprint.js';
import { knownKeys } from '../hosts/known-hosts.js';
import { hostsMatching } from '../hosts/matching.js';
import { replaceFile, withPinnedKeys } from '../hosts/pin-keys.js';
import { hostNamed, readHosts } from '../hosts/read-hosts.js';
import { inventoryOption } from '../inventory-option.js';
import { Stop, usage } from '../stop.js';
import { say, type World } from '../world.js';

interface ImportOptions {
  readonly inventory: string;
  readonly knownHosts: string;
  readonly replace?: boolean;
  readonly yes?: boolean;
}

/** What is to be pinned for a host, if anything, and what there is to say of it. */
interface Import {
  readonly name: string;
  readonly keys: readonly string[];
  readonly said: string;
}

/** `belay host import`: pins what a known_hosts file knows, without asking the hosts. */
export function addImport(host: Command, world: World): void {
  host
    .command('import')
    .description('pin the keys that a known_hosts file knows, after showing their fingerprints')
    .argument('[hosts...]', 'names, groups, or "all" (the default)')
    .addOption(inventoryOption(world, 'the inventory; its host_keys are written'))
    .option('--known-hosts <file>', 'where the keys are', join(homedir(), '.ssh', 'known_hosts'))
    .option('--replace', 'pin new keys in the place of other ones')
    .option('-y, --yes', 'do not ask')
    .action((names: readonly string[], options: ImportOptions) => importKeys(world, names, options));
}

async function importKeys(world: World, names: readonly string[], options: ImportOptions): Promise<void> {
  const { inventory, path, bytes } = await readHosts(world, options.inventory);
  const known = await readKnownHosts(resolve(world.folder, options.knownHosts));
  const imports = hostsMatching(inventory, names).map((name) => imported(name, inventory, known, options));
  say(world, imports.map(({ said }) => said).join('\n'));
  const changed = imports.filter(({ keys }) => keys.length > 0);
  if (changed.length === 0) return say(world, 'nothing to pin');
  const count = changed.length === 1 ? '1 host' : `${changed.length} hosts`;
  await confirm(world, `Pin these keys of ${count} in ${options.inventory}?`, options.yes === true);
  const text = changed.reduce((so, { name, keys }) => withPinnedKeys(so, name, keys), bytes.toString('utf8'));
  await replaceFile(path, text);
  say(world, `pinned in ${options.inventory}`);
}

async function readKnownHosts(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usage(`${path} cannot be read: ${error.code ?? 'unknown reason'}`);
  });
}

function imported(name: string, inventory: Inventory, known: string, options: ImportOptions): Import {
  const { address, port, host_keys: pinned } = hostNamed(inventory, name);
  const { keys, revoked, unusable } = knownKeys(known, address, port);
  const bad = pinned.filter((key) => revoked.includes(key));
  if (bad.length > 0 && options.replace !== true)
    throw new Stop(
      `${name} pins a key that is revoked (${bad.map(fingerprint).join(', ')}): take it out, or use --replace`,
    );
  const passed = unusable.map((what) => `\n  passed over: ${what}`).join('');
  if (keys.length === 0) return { name, keys: [], said: `${name} (${address}:${port}): no key is known${passed}` };
  if (keys.every((key) => pinned.includes(key)) && bad.length === 0)
    return { name, keys: [], said: `${name} (${address}:${port}): pinned already${passed}` };
  if (pinned.length > 0 && options.replace !== true)
    throw new Stop(
      `${name} is pinned to other keys than ${options.knownHosts} knows; find out why, then use --replace`,
    );
  const shown = keys.map((key) => `\n  ${fingerprint(key)}  ${key.split(' ')[0] ?? ''}`).join('');
  return { name, keys, said: `${name} (${address}:${port}):${shown}${passed}` };
}
