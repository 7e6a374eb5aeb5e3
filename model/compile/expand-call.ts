import type { SourceDocument } from '../document/document.js';
import { findingsOf } from '../document/issues.js';
import { tryEvaluate } from '../expression/evaluate.js';
import { hasExpression } from '../expression/template.js';
import type { Finding } from '../finding.js';
import type { PlannedCall, PlannedLate, PlannedScope, PlannedStep, PlannedUndo } from '../plan.js';
import { fragment as schema, type Fragment } from '../runbook/fragment.js';
import { mapping } from '../runbook/mapping.js';
import type { CalledFragment, StepSite } from '../runbook/outline.js';
import type { Step } from '../runbook/step.js';
import type { Origin } from '../types/accept.js';
import type { ValueType } from '../types/value-type.js';
import type { Sees, Value } from '../value.js';
import { throughCall } from './check-call.js';
import type { NamedTaker } from './owes.js';
import { withTakers } from './undone-by.js';
import { checkSources, type PhaseSteps } from './check-sources.js';
import { expressionSees, type StepSurroundings } from './compile-step.js';
import { expandStep, joined, takersOf, type Expanded } from './expand-step.js';
import { takeInputs } from './inputs.js';
import { below } from './load-fragment.js';
import { isPlanField } from './plan-fields.js';
import { isTemplate, mapTexts, resolvedText } from './texts.js';

/** The steps of a fragment where it is called: compiled in its own scope, under ids that begin with the call's. */
export function expandCall(
  site: StepSite,
  data: Step,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): Expanded {
  const nothing: Expanded = { steps: [], loops: [], calls: [] };
  if (site.called === undefined || !('fragment' in site.called) || data.call === undefined) return nothing;
  const { fragment } = site.called;
  // Reading it makes it part of the revision.
  around.file(data.call);
  const given = givenTo(fragment, site, around, findings);
  const found: Finding[] = [];
  const written = given && resolvedFragment(fragment.document, given.param, found);
  if (given === undefined || written === undefined) {
    findings.push(...throughCall(found, site, around.document));
    return nothing;
  }
  const inner = surroundings(fragment, given, around);
  const own = fragment.sites.filter(({ undoes }) => undoes === undefined);
  const acting = hosts.filter((host) => isCalledOn(site, host, around));
  const unfolded = joined(
    written.steps.flatMap((step, index) => {
      const place = own[index];
      return place === undefined ? [] : [expandStep(place, step, acting, inner, found)];
    }),
  );
  const [steps = []] = withTakers([unfolded], found);
  const expanded = { ...unfolded, steps };
  const phases = asPhases(site.phase, acting, expanded);
  found.push(...checkSources(phases, [...phases.keys()], inner));
  findings.push(...throughCall(found, site, around.document));
  const call: PlannedCall = { id: data.id, scope: { prefix: `${data.id}.`, ...given }, outputs: written.outputs };
  const under = inside(expanded, call.scope, site.id ?? '');
  const taken = takenBack(under.steps, takersOf(site, data, around.document));
  return { ...under, steps: taken, calls: [...under.calls, call] };
}

/** What a fragment cannot undo goes back by the steps that its caller names. */
function takenBack(steps: Expanded['steps'], by: readonly NamedTaker[]): Expanded['steps'] {
  if (by.length === 0) return steps;
  return steps.map((one) =>
    one.step.undo.how === 'none' ? { ...one, by, step: { ...one.step, undo: { how: 'by', by: [] } } } : one,
  );
}

/** The steps of a fragment as if they were all that there is: it sees no others. */
function asPhases(phase: number, hosts: readonly string[], { steps }: Expanded): PhaseSteps[] {
  const before = Array.from({ length: phase }, () => ({ waves: [], steps: [] }));
  return [...before, { waves: [hosts], steps: steps.map(({ step }) => step) }];
}

type Given = Pick<PlannedScope, 'param' | 'late'>;

/** The values of the fragment's parameters; undefined where something is wrong with them. */
function givenTo(
  { document: called }: CalledFragment,
  site: StepSite,
  { document, scopeOf, late: callers }: StepSurroundings,
  findings: Finding[],
): Given | undefined {
  const parsed = schema.pick({ parameters: true }).strip().safeParse(called.value);
  if (!parsed.success) return undefined;
  const { host: _, ...scope } = scopeOf('');
  const path = [...site.path, 'with'];
  const before = findings.length;
  const sees = (expression: string): Sees => expressionSees(expression, callers);
  const given = mapTexts(mapping(site.raw.with), path, (text, at) =>
    resolvedText(text, at, scope, sees, (where, { offset, problem, advice }) =>
      findings.push(document.at(where, problem, advice, offset)),
    ),
  ) as Record<string, unknown>;
  if (findings.length > before) return undefined;
  const late = lateAmong(given, parsed.data.parameters);
  const isKnown = ([name]: [string, unknown]): boolean => !Object.hasOwn(late, name);
  const [declared, known] = [parsed.data.parameters, given].map((all) =>
    Object.fromEntries(Object.entries<unknown>(all).filter(isKnown)),
  ) as [typeof parsed.data.parameters, typeof given];
  const { values, mistakes } = takeInputs(declared, known, originIn(mapping(site.raw.with)));
  findings.push(...mistakes.map(({ path: at, problem, advice }) => document.at([...path, ...at], problem, advice)));
  if (mistakes.length > 0) return undefined;
  return { param: values, ...(Object.keys(late).length > 0 && { late }) };
}

/** What only the run knows of all that is given, with what the fragment takes there. */
function lateAmong(
  given: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, ValueType>>,
): Record<string, PlannedLate> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const type = declared[name];
      return type !== undefined && isTemplate(value) ? [[name, { given: value, type }]] : [];
    }),
  );
}

/**
 * Where a value given to a fragment comes from: what is written out must fit to the last field, what an expression
 * gives may tell more than the fragment asks for, as hosts do with all their values.
 */
function originIn(written: Readonly<Record<string, unknown>>): (name: string) => Origin {
  return (name) => {
    const value = written[name];
    return typeof value === 'string' && hasExpression(value) ? 'output' : 'input';
  };
}

/** The fragment with the fields of its steps filled in that are read once; the arguments of kinds stay as written. */
function resolvedFragment(
  document: SourceDocument,
  param: Readonly<Record<string, Value>>,
  findings: Finding[],
): Fragment | undefined {
  const value = mapTexts(document.value, [], (text, path) =>
    isPlanField(path)
      ? resolvedText(text, path, { param }, expressionSees, (at, { offset, problem, advice }) =>
          findings.push(document.at(at, problem, advice, offset)),
        )
      : text,
  );
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return findings.length > 0 ? undefined : parsed.data;
  findings.push(...findingsOf(parsed.error, { document, schema, base: [] }));
  return undefined;
}

function surroundings(
  { document, sites, folder }: CalledFragment,
  { param, late = {} }: Given,
  around: StepSurroundings,
): StepSurroundings {
  return {
    ...around,
    document,
    sites,
    late: new Set(Object.keys(late)),
    file: below(around.file, folder),
    scopeOf: (host) => {
      const { host: values } = around.scopeOf(host);
      return { param, groups: {}, ...(values && { host: values }) };
    },
  };
}

/** Whether the call's `when` holds on a host; it was checked that the plan can tell. */
function isCalledOn({ raw }: StepSite, host: string, { scopeOf }: StepSurroundings): boolean {
  if (typeof raw.when !== 'string') return true;
  const outcome = tryEvaluate(raw.when, scopeOf(host));
  return 'value' in outcome && outcome.value === true;
}

/** Puts what stands in a fragment under its call: ids, and the scope in which its expressions are read in the run. */
function inside({ steps, loops, calls }: Expanded, scope: PlannedScope, call: string): Expanded {
  const under = (id: string): string => scope.prefix + id;
  const placed = <T extends Pick<PlannedStep, 'id' | 'each'>>(one: T): T => ({
    ...one,
    id: under(one.id),
    ...(one.each && { each: { ...one.each, of: under(one.each.of) } }),
  });
  const scoped = (step: PlannedStep): PlannedStep => ({
    ...placed(step),
    scope: step.scope === undefined ? scope : { ...step.scope, prefix: under(step.scope.prefix) },
    undo: undoInside(step.undo, scoped, under),
  });
  return {
    steps: steps.map((one) => ({
      ...one,
      step: scoped(one.step),
      written: `${call}.${one.written}`,
      owed: one.owed && { ...one.owed, after: one.owed.after.map(under) },
    })),
    loops: loops.map((loop) => ({ ...loop, id: under(loop.id) })),
    calls: calls.map((call) => ({ ...placed(call), scope: { ...call.scope, prefix: under(call.scope.prefix) } })),
  };
}

function undoInside(
  undo: PlannedUndo,
  scoped: (step: PlannedStep) => PlannedStep,
  under: (id: string) => string,
): PlannedUndo {
  if (undo.how === 'steps') return { ...undo, steps: undo.steps.map(scoped) };
  return undo.how === 'by' ? { ...undo, by: undo.by.map(under) } : undo;
}
