import type { HostKeysSeen } from '../../model/answers.js';
import { shownKey } from './connect.js';
import { algorithmsOf, fingerprint } from './host-key.js';

/**
 * The keys that a host shows over the network, for a person to compare with its console; nobody has confirmed them.
 *
 * @throws Failed `host/unreachable`
 */
export async function scanHostKeys(address: string, port: number): Promise<HostKeysSeen> {
  const shown: (string | undefined)[] = [];
  for (const type of Object.keys(algorithmsOf)) shown.push(await shownKey(address, port, type));
  const keys = shown.filter((key) => key !== undefined);
  return { keys, fingerprints: keys.map((key) => fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'))) };
}
