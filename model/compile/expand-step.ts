import type { Finding } from '../finding.js';
import { tryEvaluate } from '../expression/evaluate.js';
import type { PlannedEntry, PlannedStep } from '../plan.js';
import { eachKey, type Each } from '../runbook/each.js';
import { mapping, type StepSite } from '../runbook/outline.js';
import type { Step } from '../runbook/step.js';
import type { Value } from '../value.js';
import { compileStep, type StepSurroundings } from './compile-step.js';
import type { PlacedStep } from './owes.js';

/** Compiles a step for its hosts: one step, or one for each entry of the list that it is repeated over. */
export function expandStep(
  site: StepSite,
  data: Step,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): PlacedStep[] {
  if (data.each === undefined) return placed(site, data, hosts, around, findings);
  const keys = keysOf(site, data.each, around, findings);
  return data.each.in.flatMap((value, index) => {
    const key = keys[index];
    if (key === undefined) return [];
    const entry: PlannedEntry = { of: data.id, value, index };
    const steps = placed(site, data, hosts, withEntry(around, entry), findings);
    return steps.map((one) => ({ ...one, step: ofEntry(one.step, key, entry) }));
  });
}

function placed(
  site: StepSite,
  data: Step,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): PlacedStep[] {
  const compiled = compileStep(site, data, hosts, around, findings);
  return compiled === undefined ? [] : [{ ...compiled, site, document: around.document }];
}

function withEntry(around: StepSurroundings, { value, index }: PlannedEntry): StepSurroundings {
  return { ...around, scopeOf: (host) => ({ ...around.scopeOf(host), each: { value, index } }) };
}

/** The step of one entry: its id and name say which. */
function ofEntry(step: PlannedStep, key: string, each: PlannedEntry): PlannedStep {
  const undo =
    step.undo.how === 'steps'
      ? { ...step.undo, steps: step.undo.steps.map((back) => ofEntry(back, key, { ...each, of: back.id })) }
      : step.undo;
  return { ...step, id: `${step.id}.${key}`, name: `${step.name} (${key})`, each, undo };
}

/** The key of each entry, by which its id is told from the others; undefined where it has none. */
function keysOf(
  site: StepSite,
  { in: list, key }: Each,
  { document, scopeOf }: StepSurroundings,
  findings: Finding[],
): readonly (string | undefined)[] {
  if (key === undefined) return list.map((_, index) => String(index));
  const { param, groups } = scopeOf('');
  const path = [...site.path, 'each', ...(mapping(site.raw.each).key === undefined ? [] : ['key'])];
  const seen = new Map<string, number>();
  return list.map((value: Value, index) => {
    const scope = { ...(param && { param }), ...(groups && { groups }), each: { value, index } };
    const outcome = tryEvaluate(key, scope);
    const trouble = 'value' in outcome ? keyTrouble(outcome.value, seen) : `there is no key: ${outcome.why}`;
    if (trouble !== undefined) {
      findings.push(document.at(path, `of entry ${index}, ${trouble}`, 'choose a key that is short, plain and unique'));
      return undefined;
    }
    const written = String((outcome as { value: Value }).value);
    seen.set(written, index);
    return written;
  });
}

function keyTrouble(key: Value, seen: ReadonlyMap<string, number>): string | undefined {
  const written = typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
  if (written === undefined || !eachKey.test(written))
    return 'the key is not 1 to 40 small letters, digits, "_" and "-", beginning with a letter or digit';
  const other = seen.get(written);
  return other === undefined ? undefined : `the key is that of entry ${other}, too`;
}
