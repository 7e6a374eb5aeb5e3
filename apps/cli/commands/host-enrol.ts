import type { Command } from 'commander';
import type { HostKeysSeen } from '../../../model/answers.js';
import type { Host } from '../../../model/inventory/inventory.js';
import { clientOf } from '../client-of.js';
import { confirm } from '../confirm.js';
import { scanArgument } from '../hosts/login.js';
import { replaceFile, withPinnedKeys } from '../hosts/pin-keys.js';
import { hostNamed, readHosts } from '../hosts/read-hosts.js';
import { inventoryOption } from '../inventory-option.js';
import { Stop } from '../stop.js';
import { say, type World } from '../world.js';

interface EnrolOptions {
  readonly inventory: string;
  readonly fingerprint?: string;
  readonly replace?: boolean;
  readonly yes?: boolean;
}

/** `belay host enrol`: shows the keys that a host shows over the network, and pins them once a person agrees. */
export function addEnrol(host: Command, world: World): void {
  host
    .command('enrol')
    .description('pin the keys of a host in the inventory, after comparing its fingerprint')
    .argument('<host>', 'its name in the inventory')
    .addOption(inventoryOption(world, 'the inventory; its host_keys are written'))
    .option(
      '--fingerprint <sha256>',
      'the fingerprint you expect (SHA256:…); only that key is pinned, and nobody is asked',
    )
    .option('--replace', 'pin new keys in the place of other ones')
    .option('-y, --yes', 'do not ask')
    .action((name: string, options: EnrolOptions) => enrol(world, name, options));
}

async function enrol(world: World, name: string, options: EnrolOptions): Promise<void> {
  const { inventory, path, bytes } = await readHosts(world, options.inventory);
  const host = hostNamed(inventory, name);
  const { address, port } = host;
  const seen = await clientOf(world).post<HostKeysSeen>('/v1/hosts/scan', scanArgument(inventory, name));
  say(
    world,
    [
      `${name} at ${address}:${port} shows:`,
      ...seen.fingerprints.map((one, index) => `  ${one}  ${typeOf(seen.keys[index])}`),
    ].join('\n'),
  );
  const keys = chosen(seen, options.fingerprint);
  if (keys.every((key) => host.host_keys.includes(key)))
    return say(world, 'these are the keys that are pinned already');
  refuseChange(name, host, options.replace === true);
  say(world, 'Compare with what the host says on its own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
  await confirm(
    world,
    `Pin ${keys.length === 1 ? 'this key' : 'these keys'} in ${options.inventory}?`,
    options.yes === true || options.fingerprint !== undefined,
  );
  await replaceFile(path, withPinnedKeys(bytes.toString('utf8'), name, keys));
  say(world, `pinned in ${options.inventory}`);
}

function chosen(seen: HostKeysSeen, fingerprint: string | undefined): readonly string[] {
  if (seen.keys.length === 0) throw new Stop('the host shows no key that Belay knows');
  if (fingerprint === undefined) return seen.keys;
  const key = seen.keys[seen.fingerprints.indexOf(fingerprint)];
  if (key === undefined) throw new Stop(`no key of the host has the fingerprint ${fingerprint}; nothing was pinned`);
  return [key];
}

function refuseChange(name: string, host: Host, replace: boolean): void {
  if (host.host_keys.length === 0 || replace) return;
  throw new Stop(
    `${name} is pinned to other keys: it was reinstalled, or somebody else answers; find out, then use --replace`,
  );
}

function typeOf(key: string | undefined): string {
  return key?.split(' ')[0] ?? '';
}
