import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClusterStage } from './gluu-cluster-lab.js';

/** Machines of a cluster that move, as whoever runs them has them do so. */
export interface Moving {
  /** Gives a host another address of the same network, too, until it is taken back. */
  given(host: string): Promise<string>;
  /** Has a host come from an address, and the lines of hosts files that are not Belay's lead to it. */
  comesFrom(host: string, address: string, former: string): Promise<void>;
  /** The lab's inventory in which a host has the address. */
  inventory(host: string, address: string): string;
  /** Takes the address back that was given last. */
  takenBack(): Promise<void>;
}

export function moving(world: ClusterStage, machines: readonly string[]): Moving {
  let back: (() => Promise<void>) | undefined;
  const addressOf = (host: string): string => world.lab.host(host).address;
  return {
    async given(host) {
      const address = addressOf(host).replace(/\d+$/, (last) => String(Number(last) + 100));
      await world.on(host, `ip addr add ${address}/24 dev eth0`);
      back = async () => void (await world.on(host, `ip addr del ${address}/24 dev eth0`));
      return address;
    },
    async comesFrom(host, address, former) {
      await world.on(host, `ip route replace ${address.replace(/\d+$/, '0/24')} dev eth0 src ${address}`);
      for (const one of machines)
        await world.on(
          one,
          `sed '/^# BEGIN Belay/,/^# END Belay/!s/^${former.replaceAll('.', '[.]')}\\>/${address}/' /etc/hosts >/run/hosts; cat /run/hosts >/etc/hosts; rm /run/hosts`,
        );
    },
    inventory(host, address) {
      const path = join(dirname(world.lab.inventoryFile), `${host}.yaml`);
      const former = new RegExp(`address: "?${addressOf(host).replaceAll('.', '[.]')}"?$`, 'm');
      const text = readFileSync(world.lab.inventoryFile, 'utf8');
      if (!former.test(text)) throw new Error(`${host} has no address in ${world.lab.inventoryFile}`);
      writeFileSync(path, text.replace(former, `address: ${address}`));
      return path;
    },
    async takenBack() {
      await back?.();
      back = undefined;
    },
  };
}
