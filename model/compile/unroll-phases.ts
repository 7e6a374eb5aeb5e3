import type { z } from 'zod';
import type { Path, SourceDocument } from '../document/document.js';
import { findingsOf } from '../document/issues.js';
import { tryEvaluate } from '../expression/evaluate.js';
import type { Scope } from '../expression/scope.js';
import { hasErrors, type Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import type { LeftOutPhase, PlannedPhaseEntry, PlannedRepetition } from '../plan.js';
import { each as eachSchema } from '../runbook/each.js';
import { list, mapping, type Raw } from '../runbook/mapping.js';
import { isRepetition, repetitionSites } from '../runbook/phase-sites.js';
import { phase as phaseSchema, type Phase } from '../runbook/runbook.js';
import type { Value } from '../value.js';
import { entryKeys } from './entry-keys.js';
import { expressionSees } from './compile-step.js';
import { phaseHosts } from './phase-hosts.js';
import { isHosts, isPlanField } from './plan-fields.js';
import type { Places } from './places.js';
import { mapTexts, resolvedText } from './texts.js';

/** A phase of the plan before its steps are compiled. */
export interface UnrolledPhase {
  /** As it was written, with the fields filled in that are read once. */
  readonly phase: Phase;
  readonly path: Path;
  /** The number of what was written among all phases that are written, those that are repeated once. */
  readonly written: number;
  readonly hosts: readonly string[];
  /** Which repetition this is; absent where the phase is carried out once. */
  readonly each?: PlannedPhaseEntry;
}

/** What unrolling needs besides the runbook. */
interface Unrolling {
  readonly document: SourceDocument;
  readonly inventory: Inventory;
  readonly scope: Scope;
  readonly findings: Finding[];
  /** Takes the phases whose condition is false. */
  readonly leftOut: LeftOutPhase[];
}

/** Every phase that the plan will have, with its hosts: those that are repeated once for each entry of their list. */
export function unrolledPhases(around: Unrolling): UnrolledPhase[] {
  let written = 0;
  let repetitions = 0;
  return list(mapping(around.document.value).phases).flatMap((item, index) => {
    const raw = mapping(item);
    const inner = isRepetition(raw) ? list(raw.phases) : [item];
    const first = written;
    written += inner.length;
    if (!isRepetition(raw)) return phaseAt(item, ['phases', index], first, around);
    repetitions += 1;
    const path = ['phases', index, 'phases'];
    return entriesOf(raw.each, ['phases', index, 'each'], repetitions - 1, around).flatMap((entry) => {
      // What is wrong with the first entry is mostly wrong with all.
      if (hasErrors(around.findings)) return [];
      const seeing = { ...around, scope: { ...around.scope, each: { value: entry.value, index: entry.index } } };
      return inner.flatMap((phase, at) => phaseAt(phase, [...path, at], first + at, seeing, entry));
    });
  });
}

/** The entries that phases are repeated for, each with its key. */
function entriesOf(written: unknown, path: Path, of: number, around: Unrolling): PlannedPhaseEntry[] {
  const repeated = parsed(eachSchema, written, path, around);
  if (repeated === undefined) return [];
  const keys = entryKeys(path, repeated, around, around.findings);
  return repeated.in.flatMap((value: Value, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ of, key, value, index }];
  });
}

function phaseAt(
  raw: unknown,
  path: Path,
  written: number,
  around: Unrolling,
  entry?: PlannedPhaseEntry,
): readonly UnrolledPhase[] {
  if (!isDone(mapping(raw), path, around, entry)) return [];
  const phase = parsed(phaseSchema, raw, path, around, entry);
  if (phase === undefined) return [];
  const hosts = phaseHosts(phase.hosts, [...path, 'hosts'], around, (problem) => forEntry(problem, entry));
  return [{ phase, path, written, hosts, ...(entry && { each: entry }) }];
}

/** Whether the condition of a phase holds, which asks nothing that only the run could know. */
function isDone(
  { phase, when, steps }: Raw,
  path: Path,
  { document, scope, findings, leftOut }: Unrolling,
  entry: PlannedPhaseEntry | undefined,
): boolean {
  if (typeof when !== 'string') return true;
  const outcome = tryEvaluate(when, scope);
  if ('value' in outcome && typeof outcome.value === 'boolean') {
    const name = entry === undefined ? String(phase) : `${String(phase)} (${entry.key})`;
    const ids = list(steps).flatMap((step) => mapping(step).id ?? []);
    if (!outcome.value) leftOut.push({ name, when, steps: ids.map(String) });
    return outcome.value;
  }
  const [why, offset] = 'value' in outcome ? ['it is neither true nor false', 0] : [outcome.why, outcome.offset];
  const problem = forEntry(`this cannot be decided: ${why}`, entry);
  findings.push(document.at([...path, 'when'], problem, 'look at what it names, in parameters and inventory', offset));
  return false;
}

/** A part of the document with the fields filled in that are read once; the arguments of steps stay as written. */
function parsed<S extends z.ZodType>(
  schema: S,
  raw: unknown,
  base: Path,
  { document, scope, findings }: Unrolling,
  entry?: PlannedPhaseEntry,
): z.infer<S> | undefined {
  const before = findings.length;
  const value = mapTexts(raw, base, (text, path) =>
    isPlanField(path) && !isHosts(path)
      ? resolvedText(text, path, scope, expressionSees, (at, { offset, problem, advice }) =>
          findings.push(document.at(at, forEntry(problem, entry), advice, offset)),
        )
      : text,
  );
  const outcome = schema.safeParse(value, { reportInput: true });
  if (outcome.success) return findings.length > before ? undefined : outcome.data;
  findings.push(...findingsOf(outcome.error, { document, schema, base }));
  return undefined;
}

/** Says for which entry something is wrong, where it is for one of several. */
export function forEntry(problem: string, entry: Pick<PlannedPhaseEntry, 'key'> | undefined): string {
  return entry === undefined ? problem : `for ${entry.key}, ${problem}`;
}

/** The repetitions of a runbook with what their steps register, whether or not there is anything to repeat. */
export function plannedRepetitions(document: unknown, { sites, vocabulary }: Places): PlannedRepetition[] {
  return repetitionSites(document).map(({ index }) =>
    sites.flatMap(({ id, repetition, undoes }) => {
      if (id === undefined || undoes !== undefined || repetition?.index !== index) return [];
      return [{ id, registers: [...(vocabulary.every.get(id)?.keys() ?? [])] }];
    }),
  );
}
