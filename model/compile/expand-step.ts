import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { PlannedCall, PlannedEntry, PlannedLoop } from '../plan.js';
import { mapping } from '../runbook/mapping.js';
import type { StepSite } from '../runbook/outline.js';
import type { Step } from '../runbook/step.js';
import { compileStep, type StepSurroundings } from './compile-step.js';
import { expandCall } from './expand-call.js';
import { entryKeys } from './entry-keys.js';
import type { NamedTaker, PlacedStep } from './owes.js';

/** What one written step becomes in the plan. */
export interface Expanded {
  readonly steps: readonly PlacedStep[];
  readonly loops: readonly PlannedLoop[];
  readonly calls: readonly PlannedCall[];
}

/** Compiles a step for its hosts: one step, one for each entry that it is repeated over, or those of its fragment. */
export function expandStep(
  site: StepSite,
  data: Step,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): Expanded {
  if (data.each === undefined) return expandOne(site, data, hosts, around, findings);
  const { host: _, ...scope } = around.scopeOf('');
  const keys = entryKeys([...site.path, 'each'], data.each, { document: around.document, scope }, findings);
  const all = data.each.in.flatMap((value, index) => {
    const key = keys[index];
    if (key === undefined) return [];
    const entry: PlannedEntry = { of: data.id, value, index };
    return [withEntry(expandOne(site, keyed(data, key), hosts, seeing(around, entry), findings), entry)];
  });
  const called = site.called !== undefined && 'fragment' in site.called ? site.called.fragment : undefined;
  const registers = Object.keys(called ? mapping(mapping(called.document.value).outputs) : data.register);
  return joined([...all, { steps: [], loops: [{ id: data.id, registers }], calls: [] }]);
}

function expandOne(
  site: StepSite,
  data: Step,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): Expanded {
  if (data.call !== undefined) return expandCall(site, data, hosts, around, findings);
  const compiled = compileStep(site, data, hosts, around, findings);
  if (compiled === undefined) return { steps: [], loops: [], calls: [] };
  const { document } = around;
  const by = compiled.step.undo.how === 'by' ? { by: takersOf(site, data, document) } : {};
  return { steps: [{ ...compiled, site, document, written: site.id ?? '', ...by }], loops: [], calls: [] };
}

/** The earlier steps that are said to take this one back. */
export function takersOf(site: StepSite, { undo }: Step, document: SourceDocument): NamedTaker[] {
  if (typeof undo !== 'object' || !('by' in undo)) return [];
  const path = [...site.path, 'undo', 'by'];
  if (typeof undo.by === 'string') return [{ id: undo.by, path, document }];
  return undo.by.map((id, index) => ({ id, path: [...path, index], document }));
}

/** Several expansions as one, in their order. */
export function joined(all: readonly Expanded[]): Expanded {
  return {
    steps: all.flatMap(({ steps }) => steps),
    loops: all.flatMap(({ loops }) => loops),
    calls: all.flatMap(({ calls }) => calls),
  };
}

/** The step of one entry: its id and name say which. */
export function keyed(data: Step, key: string): Step {
  const undo =
    typeof data.undo === 'object' && 'steps' in data.undo
      ? { steps: data.undo.steps.map((back) => ({ ...back, id: `${back.id}.${key}`, step: `${back.step} (${key})` })) }
      : data.undo;
  return { ...data, id: `${data.id}.${key}`, step: `${data.step} (${key})`, ...(undo !== undefined && { undo }) };
}

/** What a step sees that is for one entry. */
export function seeing(
  around: StepSurroundings,
  { value, index }: Pick<PlannedEntry, 'value' | 'index'>,
): StepSurroundings {
  return { ...around, scopeOf: (host) => ({ ...around.scopeOf(host), each: { value, index } }) };
}

/** What the run must know of the entry: the step itself, or the call; a fragment's own steps see no entry. */
function withEntry({ steps, loops, calls }: Expanded, each: PlannedEntry): Expanded {
  const last = calls.at(-1);
  if (last !== undefined) return { steps, loops, calls: [...calls.slice(0, -1), { ...last, each }] };
  return {
    loops,
    calls,
    steps: steps.map((one) => {
      const { undo } = one.step;
      const back = undo.how === 'steps' ? { ...undo, steps: undo.steps.map((step) => ({ ...step, each })) } : undo;
      return { ...one, step: { ...one.step, each, undo: back } };
    }),
  };
}
