import { didYouMean } from '../did-you-mean.js';
import type { Path, SourceDocument } from '../document/document.js';
import { describe } from '../expression/fill.js';
import type { Scope } from '../expression/scope.js';
import { hasExpression, splitTemplate } from '../expression/template.js';
import type { Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import { selectHosts } from '../inventory/pattern.js';
import type { Value } from '../value.js';
import { expressionSees } from './compile-step.js';
import { resolvedText } from './texts.js';

/** Says what is wrong with a text, from `offset` in it. */
type Say = (problem: string, advice: string, offset?: number) => void;

/** What the hosts of a phase are chosen from and with. */
interface Choosing {
  readonly document: SourceDocument;
  readonly inventory: Inventory;
  readonly scope: Scope;
  readonly findings: Finding[];
}

/**
 * The hosts of a phase: those of a pattern, in the order of the inventory, or those that an expression names, in its
 * own order. Each once.
 *
 * @param forWhich - puts what is wrong into the words of the entry that the phase is for
 */
export function phaseHosts(
  written: string,
  path: Path,
  { document, inventory, scope, findings }: Choosing,
  forWhich: (problem: string) => string,
): readonly string[] {
  const say: Say = (problem, advice, offset) => findings.push(document.at(path, forWhich(problem), advice, offset));
  if (!hasExpression(written)) {
    const selected = selectHosts(written, { hosts: [...inventory.hosts.keys()], groups: inventory.groups });
    // A pattern was checked before, without inputs.
    return 'hosts' in selected ? selected.hosts : [];
  }
  const [piece] = splitTemplate(written).pieces;
  const before = findings.length;
  const value = resolvedText(written, path, scope, expressionSees, (_, { offset, problem, advice }) =>
    say(problem, advice, offset),
  );
  if (findings.length > before) return [];
  return named(value, [...inventory.hosts.keys()], (problem, advice) =>
    say(problem, advice, piece !== undefined && 'expression' in piece ? piece.offset : 0),
  );
}

function named(value: unknown, known: readonly string[], say: Say): readonly string[] {
  const names = [...new Set(Array.isArray(value) ? (value as Value[]) : [value as Value])];
  if (names.length === 0) {
    say('this names no host', 'look at what it names, in parameters and inventory');
    return [];
  }
  return names.flatMap((name) => {
    if (typeof name === 'string' && known.includes(name)) return [name];
    if (typeof name === 'string') say(`there is no host "${name}"`, didYouMean(name, known));
    else say(`${describe(name)} is no name of a host`, 'add ".name", or ".map(one, one.name)" to a list of hosts');
    return [];
  });
}
