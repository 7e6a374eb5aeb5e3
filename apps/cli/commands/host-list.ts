import type { Command } from 'commander';
import type { LeasesAnswer } from '../../../model/answers.js';
import { clientOf } from '../client-of.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import { machineOf, readHosts } from '../hosts/read-hosts.js';
import { inventoryOption } from '../inventory-option.js';
import { say, type World } from '../world.js';

/** `belay host list`: the hosts of an inventory, and which run holds each. */
export function addHostList(host: Command, world: World): void {
  host
    .command('list')
    .description('the hosts of an inventory, and which run holds each')
    .addOption(inventoryOption(world, 'the inventory'))
    .addOption(formatOption())
    .action(async (options: { inventory: string; output: Format }) => {
      const { inventory } = await readHosts(world, options.inventory);
      const { leases } = await clientOf(world).get<LeasesAnswer>('/v1/leases');
      const hosts = [...inventory.hosts].map(([name, one]) => ({
        host: name,
        address: one.address,
        port: one.port,
        user: one.user,
        sudo: one.sudo,
        jump: one.jump ?? null,
        groups: [...inventory.groups].filter(([, members]) => members.includes(name)).map(([group]) => group),
        pinned: one.host_keys.length,
        run: leases.find((lease) => lease.machine === machineOf(one))?.run ?? null,
      }));
      if (options.output !== 'table') return say(world, structured({ hosts }, options.output));
      const rows = hosts.map((one) => [
        one.host,
        `${one.user}@${one.address}:${one.port}${one.jump === null ? '' : ` through ${one.jump}`}${one.sudo ? ', sudo' : ''}`,
        one.groups.join(' '),
        one.pinned === 0 ? 'none: belay host enrol' : String(one.pinned),
        one.run ?? '',
      ]);
      say(world, table(['HOST', 'AT', 'GROUPS', 'PINNED KEYS', 'HELD BY'], rows));
    });
}
