import type { Command } from 'commander';
import type { HostKeyLine, SecretsAnswer } from '../../../model/answers.js';
import type { Host } from '../../../model/inventory/inventory.js';
import type { ApiClient } from '../api-client.js';
import { clientOf } from '../client-of.js';
import { makePrivateKey } from '../hosts/key-pair.js';
import { checkArgument } from '../hosts/login.js';
import { hostNamed, readHosts } from '../hosts/read-hosts.js';
import { inventoryOption } from '../inventory-option.js';
import { readValue } from '../read-value.js';
import { Stop, usage } from '../stop.js';
import { sealed, storeSecret } from '../store-secret.js';
import { say, type World } from '../world.js';

interface KeyOptions {
  readonly inventory: string;
  readonly install?: boolean;
  readonly replace?: boolean;
}

/**
 * `belay host key`: the key by which Belay logs in. Makes it where the secret store has none, and says what the host
 * must be told; the private half is never shown and never written to a file.
 */
export function addHostKey(host: Command, world: World): void {
  host
    .command('key')
    .description('make the key by which Belay logs in, and show or install its line for authorized_keys')
    .argument('<host>', 'its name in the inventory')
    .addOption(inventoryOption(world, 'the inventory; it names the secret that holds the key'))
    .option('--install', 'put the line there, logging in once with a password from standard input')
    .option('--replace', 'make another key, as the next version of the secret')
    .action((name: string, options: KeyOptions) => keyOf(world, name, options));
}

async function keyOf(world: World, name: string, options: KeyOptions): Promise<void> {
  const { inventory } = await readHosts(world, options.inventory);
  const host = hostNamed(inventory, name);
  const client = clientOf(world);
  await ensureKey(world, client, name, host, options.replace === true);
  const argument = checkArgument(inventory, name);
  const unknown = [...(argument.jump ?? []), argument].find((one) => one.hostKeys.length === 0);
  if (options.install !== true) {
    const { line } = await client.post<HostKeyLine>('/v1/hosts/key', argument);
    say(world, `For authorized_keys of ${host.user} on ${name}:\n${line}`);
    return;
  }
  if (unknown)
    throw new Stop(`no key of ${unknown.host} is pinned, so a password would go to anybody; see "belay host enrol"`);
  const password = await readValue(world, `Password of ${host.user} on ${name} (used once, not kept, not shown): `);
  const sealedPassword = await sealed(client, password);
  await client.post<HostKeyLine>('/v1/hosts/key', { ...argument, sealedPassword });
  say(world, `${host.user} on ${name} takes the key now: it has logged in`);
}

async function ensureKey(world: World, client: ApiClient, name: string, host: Host, replace: boolean): Promise<void> {
  if ('agent' in host.key)
    throw usage(`${name} logs in by the SSH agent of the worker; give it "key: { secret: NAME }" to have a key made`);
  const { secret, passphrase } = host.key;
  const { secrets } = await client.get<SecretsAnswer>('/v1/secrets');
  if (secrets.some((one) => one.name === secret) && !replace) return;
  if (passphrase !== undefined)
    throw usage(`the key of ${name} has a passphrase; what is made here needs none: take "passphrase" out`);
  const kept = await storeSecret(client, secret, Buffer.from(makePrivateKey(`belay:${secret}`)));
  say(world, `made a key: its private half is ${kept.name}, version ${kept.version}, sealed to the worker`);
}
