import type { Command } from 'commander';
import type { HostChecked, HostCleaned } from '../../../model/answers.js';
import type { HostCheckArgument } from '../../../model/host-requests.js';
import type { Inventory } from '../../../model/inventory/inventory.js';
import { checkArgument } from '../hosts/login.js';
import { hostsMatching } from '../hosts/matching.js';
import { Refused, type ApiClient } from '../api-client.js';
import { clientOf } from '../client-of.js';
import { exitCodes } from '../exit-codes.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import { readHosts } from '../hosts/read-hosts.js';
import { inventoryOption } from '../inventory-option.js';
import { say, type World } from '../world.js';

/** What one host answered, or why it did not. */
interface Answered {
  readonly host: string;
  readonly ok: boolean;
  readonly answer: string;
}

/** Hosts asked at the same time. */
const together = 10;

/** `belay host check` and `belay host clean`. */
export function addCheck(host: Command, world: World): void {
  asking(host, world, 'check', 'log in with the pinned keys and see what the host is', async (client, argument) => {
    const { os, os_version, init, architecture } = await client.post<HostChecked>('/v1/hosts/check', argument);
    return `${os} ${os_version}, ${init}, ${architecture}`;
  });
  asking(host, world, 'clean', 'remove what archived runs left on the host', async (client, argument) => {
    const { forgotten } = await client.post<HostCleaned>('/v1/hosts/clean', argument);
    return forgotten.length === 1 ? '1 task forgotten' : `${forgotten.length} tasks forgotten`;
  });
}

type Ask = (client: ApiClient, argument: HostCheckArgument) => Promise<string>;

function asking(host: Command, world: World, name: string, about: string, ask: Ask): void {
  host
    .command(name)
    .description(about)
    .argument('[hosts...]', 'names, groups, or "all" (the default)')
    .addOption(inventoryOption(world, 'the inventory'))
    .addOption(formatOption())
    .action(async (names: readonly string[], options: { inventory: string; output: Format }) => {
      const { inventory } = await readHosts(world, options.inventory);
      const hosts = await askAll(clientOf(world), hostsMatching(inventory, names), inventory, ask);
      const rows = hosts.map((one) => [one.host, one.ok ? 'ok' : 'failed', one.answer]);
      say(
        world,
        options.output === 'table' ? table(['HOST', 'STATE', 'ANSWER'], rows) : structured({ hosts }, options.output),
      );
      if (hosts.some((one) => !one.ok)) world.exitWith(exitCodes.error);
    });
}

async function askAll(
  client: ApiClient,
  names: readonly string[],
  inventory: Inventory,
  ask: Ask,
): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (let at = 0; at < names.length; at += together) {
    const some = names
      .slice(at, at + together)
      .map(async (name) => askOne(client, checkArgument(inventory, name), ask));
    answers.push(...(await Promise.all(some)));
  }
  return answers;
}

async function askOne(client: ApiClient, argument: HostCheckArgument, ask: Ask): Promise<Answered> {
  const { host: name } = argument;
  const unknown = [...(argument.jump ?? []), argument].find((one) => one.hostKeys.length === 0);
  if (unknown) return { host: name, ok: false, answer: `no key is pinned; see "belay host enrol ${unknown.host}"` };
  try {
    return { host: name, ok: true, answer: await ask(client, argument) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { host: name, ok: false, answer: error.message };
  }
}
