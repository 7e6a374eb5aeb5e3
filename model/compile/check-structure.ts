import type { z } from 'zod';
import type { Path, SourceDocument } from '../document/document.js';
import { findingsOf } from '../document/issues.js';
import type { Finding } from '../finding.js';
import { planPlace, type Places } from './places.js';
import { isMisplaced } from './check-phases.js';
import { isExpressionField, isPlanField } from './plan-fields.js';
import { checkedTemplate, isTemplate, mapTexts, templateAt } from './texts.js';

/** The structure of a runbook or fragment, and the expressions in it that belong to no step kind. */
export function checkStructure(document: SourceDocument, places: Places, schema: z.ZodType): Finding[] {
  const found: Finding[] = [];
  const argumentsOf = places.sites.map((site) => ({
    path: site.path,
    keys: [...site.kinds.flatMap(({ kind, beside = [] }) => [kind, ...beside]), 'with'],
  }));
  const value = mapTexts(document.value, [], (text, path) => {
    if (argumentsOf.some((site) => isBelow(path, site.path) && site.keys.includes(String(path[site.path.length]))))
      return text;
    if (isPlanField(path))
      return checkedTemplate(text, path, planPlace(places, path), (at, { offset, problem, advice }) =>
        found.push(document.at(at, problem, advice, offset)),
      );
    if (!isExpressionField(path) && !isMisplaced(document.value, path))
      found.push(document.at(path, 'no expression may stand here', 'write it out'));
    return text;
  });
  const parsed = schema.safeParse(value, { reportInput: true });
  const unknown = (path: Path): boolean =>
    templateAt(value, path) !== undefined || isTemplate(value) || isMisplaced(document.value, path);
  return parsed.success ? found : [...found, ...findingsOf(parsed.error, { document, schema, base: [], unknown })];
}

function isBelow(path: Path, above: Path): boolean {
  return above.every((name, index) => path[index] === name);
}
