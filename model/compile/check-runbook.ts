import type { Path, SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import { parsePattern, selectHosts } from '../inventory/pattern.js';
import { mapping, stepSites, vocabularyOf } from '../runbook/outline.js';
import { runbook as schema } from '../runbook/runbook.js';
import type { StepContext, StepKind } from '../steps/kind.js';
import { didYouMean } from '../did-you-mean.js';
import { checkDefaults } from './check-defaults.js';
import { checkStep } from './check-step.js';
import { checkStructure } from './check-structure.js';
import { placesOf } from './fragment-places.js';
import { fragmentLoader } from './load-fragment.js';
import type { Places } from './places.js';

/** A runbook that was checked as far as it can be without inputs. */
export interface CheckedRunbook {
  readonly document: SourceDocument;
  readonly places: Places;
  readonly findings: readonly Finding[];
}

/** Checks structure, expressions, steps and, with an inventory, groups and host patterns. */
export function checkRunbook(
  document: SourceDocument,
  kinds: readonly StepKind[],
  context: StepContext,
  inventory: Inventory | undefined,
): CheckedRunbook {
  const sites = stepSites(document.value, { kinds, load: fragmentLoader(document.file, context.file, kinds) });
  const places = placesOf(vocabularyOf(document.value, sites, inventory?.valueNames), sites);
  const findings = [
    ...checkStructure(document, places, schema),
    ...checkDefaults(document),
    ...checkPatterns(document, inventory),
    ...sites.flatMap((site) => checkStep(site, { document, places, kinds, context })),
  ];
  return { document, places, findings };
}

function checkPatterns(document: SourceDocument, inventory: Inventory | undefined): Finding[] {
  const { phases, groups } = mapping(document.value);
  const declared = Object.keys(mapping(groups));
  const patterns = (Array.isArray(phases) ? phases : []).flatMap((phase: unknown, index) => {
    const { hosts } = mapping(phase);
    return typeof hosts === 'string'
      ? checkPattern(hosts, ['phases', index, 'hosts'], document, inventory, declared)
      : [];
  });
  if (inventory === undefined) return patterns;
  const missing = declared.filter((name) => !inventory.groups.has(name));
  return [
    ...patterns,
    ...missing.map((name) =>
      document.atKey(
        ['groups', name],
        `the inventory has no group "${name}"`,
        didYouMean(name, [...inventory.groups.keys()]),
      ),
    ),
  ];
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
