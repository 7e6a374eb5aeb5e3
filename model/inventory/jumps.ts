import { didYouMean } from '../did-you-mean.js';
import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { InventoryDocument } from './schema.js';

type Hosts = InventoryDocument['hosts'];

/** Every `jump` must name a host, and no way may lead through itself. */
export function checkJumps(hosts: Hosts, document: SourceDocument): Finding[] {
  return Object.entries(hosts).flatMap(([name, { jump }]) => {
    if (jump === undefined) return [];
    const trouble = jumpTrouble(name, jump, hosts);
    return trouble === undefined ? [] : [document.at(['hosts', name, 'jump'], ...trouble)];
  });
}

function jumpTrouble(name: string, jump: string, hosts: Hosts): [problem: string, advice: string] | undefined {
  if (!Object.hasOwn(hosts, jump)) return [`there is no host "${jump}"`, didYouMean(jump, Object.keys(hosts))];
  const way = chain(name, (host) => (Object.hasOwn(hosts, host) ? hosts[host]?.jump : undefined));
  if (way.at(-1) !== name) return undefined;
  return [`the way to "${name}" leads through itself: ${way.join(' > ')}`, 'take one of the jumps out'];
}

/**
 * The hosts through which one is reached, in the order in which they are passed: the one that the worker connects to
 * comes first.
 */
export function jumpsOf(name: string, jumpOf: (host: string) => string | undefined): string[] {
  const first = jumpOf(name);
  return first === undefined ? [] : chain(first, jumpOf).reverse();
}

/** A host and those behind it; ends where one comes again, with that one. */
function chain(from: string, jumpOf: (host: string) => string | undefined): string[] {
  const way: string[] = [];
  for (let next: string | undefined = from; next !== undefined; next = jumpOf(next)) {
    if (way.includes(next)) return [...way, next];
    way.push(next);
  }
  return way;
}
