import type { HostKeysSeen } from '../../model/answers.js';
import { shownKey, type ConnectOptions, type Place } from './connect.js';
import { connectingFor } from './gateways.js';
import { algorithmsOf, fingerprint } from './host-key.js';

/**
 * The keys that a host shows over the network, for a person to compare with its console; nobody has confirmed them.
 *
 * @throws Failed `host/unreachable`, or with what keeps a host on the way from being passed
 */
export async function scanHostKeys(place: Place, options: ConnectOptions = connectingFor()): Promise<HostKeysSeen> {
  const shown: (string | undefined)[] = [];
  for (const type of Object.keys(algorithmsOf)) shown.push(await shownKey(place, type, options));
  const keys = shown.filter((key) => key !== undefined);
  return { keys, fingerprints: keys.map((key) => fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'))) };
}
