import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import { mapping } from '../runbook/mapping.js';
import { stepSites, vocabularyOf } from '../runbook/outline.js';
import { runbook as schema } from '../runbook/runbook.js';
import type { StepContext, StepKind } from '../steps/kind.js';
import { didYouMean } from '../did-you-mean.js';
import { checkDefaults } from './check-defaults.js';
import { checkHosts } from './check-hosts.js';
import { withKeyFindings } from './check-keys.js';
import { checkPhaseConditions, checkRepetitions } from './check-phases.js';
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
    ...checkRepetitions(document, places),
    ...checkPhaseConditions(document, places),
    ...checkHosts(document, places, inventory),
    ...checkGroupNames(document, inventory),
    ...sites.flatMap((site) => checkStep(site, { document, places, kinds, context })),
  ];
  return { document, places, findings: withKeyFindings(document, findings) };
}

function checkGroupNames(document: SourceDocument, inventory: Inventory | undefined): Finding[] {
  if (inventory === undefined) return [];
  const declared = Object.keys(mapping(mapping(document.value).groups));
  const missing = declared.filter((name) => !inventory.groups.has(name));
  return missing.map((name) =>
    document.atKey(
      ['groups', name],
      `the inventory has no group "${name}"`,
      didYouMean(name, [...inventory.groups.keys()]),
    ),
  );
}
