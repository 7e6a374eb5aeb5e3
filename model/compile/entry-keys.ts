import type { Finding } from '../finding.js';
import { tryEvaluate } from '../expression/evaluate.js';
import { eachKey, type Each } from '../runbook/each.js';
import type { StepSite } from '../runbook/outline.js';
import type { Value } from '../value.js';
import type { StepSurroundings } from './compile-step.js';

/** The key of each entry, by which its id is told from the others; undefined where it has none. */
export function entryKeys(
  site: StepSite,
  { in: list, key }: Each,
  { document, scopeOf }: StepSurroundings,
  findings: Finding[],
): readonly (string | undefined)[] {
  if (key === undefined) return list.map((_, index) => String(index));
  const { host: _, ...scope } = scopeOf('');
  const seen = new Map<string, number>();
  return list.map((value, index) => {
    const outcome = tryEvaluate(key, { ...scope, each: { value, index } });
    const taken = 'value' in outcome ? written(outcome.value) : undefined;
    const trouble = 'why' in outcome ? `there is no key: ${outcome.why}` : keyTrouble(taken, seen);
    if (trouble !== undefined) {
      const advice = 'choose a key that is short, plain and unique';
      findings.push(document.at([...site.path, 'each', 'key'], `of entry ${index}, ${trouble}`, advice));
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
