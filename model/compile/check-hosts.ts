import { didYouMean } from '../did-you-mean.js';
import type { Path, SourceDocument } from '../document/document.js';
import { hasExpression, splitTemplate } from '../expression/template.js';
import type { Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import { parsePattern, selectHosts } from '../inventory/pattern.js';
import { mapping } from '../runbook/mapping.js';
import { phaseSites } from '../runbook/phase-sites.js';
import type { ExpressionType } from '../types/expression-type.js';
import { typeOfExpression } from './entry-type.js';
import { planPlace, type Places } from './places.js';

/** Whether the hosts of every phase can be found; of those that expressions name, whether they can be names. */
export function checkHosts(document: SourceDocument, places: Places, inventory: Inventory | undefined): Finding[] {
  const declared = Object.keys(mapping(mapping(document.value).groups));
  return phaseSites(document.value).flatMap(({ path: phase, raw: { hosts } }) => {
    const path = [...phase, 'hosts'];
    if (typeof hosts !== 'string') return [];
    return hasExpression(hosts)
      ? checkNames(hosts, path, document, places)
      : checkPattern(hosts, path, document, inventory, declared);
  });
}

/** A pattern has signs with a meaning, so nothing is put into one: an expression stands for all of the hosts. */
function checkNames(written: string, path: Path, document: SourceDocument, places: Places): Finding[] {
  const { pieces, mistakes } = splitTemplate(written);
  const [piece] = pieces;
  if (mistakes.length > 0 || piece === undefined) return [];
  if (pieces.length > 1 || !('expression' in piece))
    return [
      document.at(
        path,
        'an expression here gives all of the hosts, and stands alone',
        'write a pattern without one, or an expression such as ${{ groups.nodes.map(one, one.name) }}',
      ),
    ];
  const type = typeOfExpression(piece.expression, planPlace(places, path));
  if (canName(type)) return [];
  const problem = 'this gives no name of a host, and no list of them';
  return [document.at(path, problem, 'add ".name", or ".map(one, one.name)" to a list of hosts', piece.offset)];
}

function canName(type: ExpressionType): boolean {
  if (typeof type === 'string') return type === 'string' || type === 'dyn';
  return 'list' in type && (type.list === 'string' || type.list === 'dyn');
}

function checkPattern(
  pattern: string,
  path: Path,
  document: SourceDocument,
  inventory: Inventory | undefined,
  declared: readonly string[],
): Finding[] {
  if (inventory !== undefined) {
    const chosen = selectHosts(pattern, { hosts: [...inventory.hosts.keys()], groups: inventory.groups });
    if ('mistake' in chosen)
      return [document.at(path, chosen.mistake.problem, chosen.mistake.advice, chosen.mistake.offset)];
    return chosen.hosts.length > 0
      ? []
      : [document.at(path, `"${pattern}" stands for no host`, 'change the pattern or the inventory')];
  }
  const parsed = parsePattern(pattern);
  if ('mistake' in parsed)
    return [document.at(path, parsed.mistake.problem, parsed.mistake.advice, parsed.mistake.offset)];
  // Without an inventory only a name that resembles a declared group gives itself away as a slip.
  return parsed.terms.flatMap(({ name, offset }) => {
    const advice = didYouMean(name, [...declared, 'all']);
    return name === 'all' || declared.includes(name) || !advice.startsWith('did you mean')
      ? []
      : [
          {
            ...document.at(
              path,
              `the group "${name}" is not declared`,
              `${advice} Otherwise declare it under "groups"`,
              offset,
            ),
            severity: 'warning' as const,
          },
        ];
  });
}
