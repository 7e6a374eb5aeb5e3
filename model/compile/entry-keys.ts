import type { Path, SourceDocument } from '../document/document.js';
import { tryEvaluate } from '../expression/evaluate.js';
import type { Scope } from '../expression/scope.js';
import type { Finding } from '../finding.js';
import { eachKey, type Each } from '../runbook/each.js';
import type { Value } from '../value.js';

/**
 * The key of each entry, by which its id is told from the others; undefined where it has none.
 *
 * @param path - where `each` stands
 */
export function entryKeys(
  path: Path,
  { in: list, key }: Each,
  { document, scope }: { readonly document: SourceDocument; readonly scope: Scope },
  findings: Finding[],
): readonly (string | undefined)[] {
  if (key === undefined) return list.map((_, index) => String(index));
  const seen = new Map<string, number>();
  return list.map((value, index) => {
    const outcome = tryEvaluate(key, { ...scope, each: { value, index } });
    const taken = 'value' in outcome ? written(outcome.value) : undefined;
    const trouble = 'why' in outcome ? `there is no key: ${outcome.why}` : keyTrouble(taken, seen);
    if (trouble !== undefined) {
      const advice = 'choose a key that is short, plain and unique';
      findings.push(document.at([...path, 'key'], `of entry ${index}, ${trouble}`, advice));
      return undefined;
    }
    if (taken !== undefined) seen.set(taken, index);
    return taken;
  });
}

function written(key: Value): string | undefined {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}

function keyTrouble(key: string | undefined, seen: ReadonlyMap<string, number>): string | undefined {
  if (key === undefined || !eachKey.test(key))
    return 'the key is not 1 to 40 small letters, digits, "_" and "-", beginning with a letter or digit';
  const other = seen.get(key);
  return other === undefined ? undefined : `the key is that of entry ${other}, too`;
}
