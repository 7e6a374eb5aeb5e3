// cspell:ignore qdisc
import { linkOf } from '../lab/network.js';
import { must } from '../lab/program.js';

/**
 * Does some work while no more than `rate` Mbit/s go from this machine to a lab's hosts, all of them together. A queue
 * holds what would take a tenth of a second, as that of a switch does; what comes on top of it is lost.
 */
export async function narrowed<T>(lab: { name: string }, rate: number, work: () => Promise<T>): Promise<T> {
  const queue = ['dev', linkOf(lab.name), 'root'];
  const bucket = ['tbf', 'rate', `${rate}mbit`, 'burst', '128kb', 'latency', '100ms'];
  await must(['tc', 'qdisc', 'add', ...queue, ...bucket]);
  try {
    return await work();
  } finally {
    await must(['tc', 'qdisc', 'del', ...queue]);
  }
}
