import type { SourceDocument } from '../document/document.js';
import { tryEvaluate } from '../expression/evaluate.js';
import { parseExpression } from '../expression/parse.js';
import { survey } from '../expression/references.js';
import type { Scope } from '../expression/scope.js';
import { seesOf, type LateNames } from '../expression/sees.js';
import type { Finding } from '../finding.js';
import type { Operation } from '../operation.js';
import type { Plan, PlannedHint, PlannedStep, PlannedUndo } from '../plan.js';
import type { StepSite } from '../runbook/outline.js';
import type { Step, UndoStep } from '../runbook/step.js';
import type { StepContext, StepKind } from '../steps/kind.js';
import type { Sees } from '../value.js';
import { canonicalText } from './hash.js';
import { compileKind } from './kind-arguments.js';
import { resolvedText } from './texts.js';
import { mapArguments, writtenArguments, writtenWithFiles } from './written.js';

/** What compiling a step needs besides the step. */
export interface StepSurroundings {
  readonly document: SourceDocument;
  readonly sites: readonly StepSite[];
  /** In a fragment: the parameters whose values only the run knows. */
  readonly late?: LateNames;
  readonly values: Pick<Plan, 'inputs' | 'hosts' | 'groups'>;
  readonly scopeOf: (host: string) => Scope;
  readonly file: StepContext['file'];
  readonly sha256: StepContext['sha256'];
}

/** A compiled step, with what its author says of earlier ones, by the ids that were written. */
export interface CompiledStep {
  readonly step: PlannedStep;
  /** The restarts that its kind says are owed to earlier steps. */
  readonly owed: { readonly service: string; readonly after: readonly string[] } | undefined;
}

/** Compiles a step for its hosts; hosts for which its `when` is known to be false are left out. */
export function compileStep(
  site: StepSite,
  data: Step,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): CompiledStep | undefined {
  const [kind] = site.kinds;
  if (kind === undefined) return undefined;
  const work = operationsOf(site, kind, hosts, around, findings);
  const undo = undoOf(site, kind, data, Object.keys(work.tasks), around, findings);
  const readOnly = data.read_only;
  const step: PlannedStep = {
    ...actingOf(data, kind, readOnly),
    readOnly,
    register: data.register,
    assert: data.assert,
    undo,
    ...(data.hint.length > 0 && { hints: plannedHints(data.hint) }),
    owes: [],
    operations: work.operations,
    tasks: work.tasks,
  };
  return { step, owed: work.owed };
}

/** Hints as a plan holds them: what is not said is not there. */
export function plannedHints(hints: Step['hint']): PlannedHint[] {
  return hints.map(({ stdout, stderr, exit, advice }) => ({
    ...(stdout !== undefined && { stdout }),
    ...(stderr !== undefined && { stderr }),
    ...(exit !== undefined && { exit }),
    advice,
  }));
}

function actingOf(
  data: UndoStep,
  kind: StepKind,
  readOnly: boolean,
): Pick<PlannedStep, 'id' | 'name' | 'kind' | 'when' | 'retry' | 'timeout' | 'lostAfter' | 'repeatable'> {
  const { id, step: name, when, retry, timeout, lost_after: lostAfter } = data;
  const repeatable = data.repeatable ?? (readOnly || kind.repeatable);
  return {
    ...{ id, name, kind: kind.kind, retry, timeout, repeatable },
    ...(when !== undefined && { when }),
    ...(lostAfter !== undefined && { lostAfter }),
  };
}

function undoOf(
  site: StepSite,
  kind: StepKind,
  data: Step,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): PlannedUndo {
  const going = kind.undoOf?.(writtenArguments(site, kind)) ?? kind.undo;
  if (data.read_only || going === 'nothing') return { how: 'nothing' };
  if (data.undo === 'none') return { how: 'none', because: data.because ?? '' };
  if (data.undo === undefined) return { how: 'restore' };
  if ('by' in data.undo) return { how: 'by', by: [] };
  const sites = around.sites.filter(({ undoes }) => undoes === site);
  const steps = data.undo.steps.flatMap((undo, index) => {
    const own = sites[index];
    return own === undefined ? [] : (compileUndoStep(own, undo, hosts, around, findings) ?? []);
  });
  return { how: 'steps', steps };
}

function compileUndoStep(
  site: StepSite,
  data: UndoStep,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): PlannedStep | undefined {
  const [kind] = site.kinds;
  if (kind === undefined) return undefined;
  const { operations, tasks } = operationsOf(site, kind, hosts, around, findings);
  return {
    ...actingOf(data, kind, false),
    readOnly: false,
    register: {},
    assert: [],
    undo: { how: 'nothing' },
    owes: [],
    operations,
    tasks,
  };
}

interface Work {
  readonly operations: readonly Operation[];
  readonly tasks: Readonly<Record<string, number>>;
  readonly owed: CompiledStep['owed'];
}

/** The operation of each host; hosts that would do the same share one. */
function operationsOf(
  site: StepSite,
  kind: StepKind,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): Work {
  const operations: Operation[] = [];
  const known = new Map<string, number>();
  const tasks: Record<string, number> = {};
  let owed: CompiledStep['owed'];
  for (const host of hosts) {
    const scope = around.scopeOf(host);
    if (isRuledOut(site, host, scope, around, findings)) continue;
    const outcome = compileFor(site, kind, host, scope, around);
    findings.push(...outcome.findings);
    if (outcome.operation === undefined) continue;
    owed ??= kind.owed?.(outcome.args);
    const key = canonicalText(outcome.operation);
    if (!known.has(key)) known.set(key, operations.push(outcome.operation) - 1);
    tasks[host] = known.get(key) ?? 0;
  }
  return { operations, tasks, owed };
}

/** True where `when` is false already, because it asks nothing that only the run can know. */
function isRuledOut(
  { raw, path }: StepSite,
  host: string,
  scope: Scope,
  { document, late }: StepSurroundings,
  findings: Finding[],
): boolean {
  if (typeof raw.when !== 'string' || expressionSees(raw.when, late) !== 'plan') return false;
  const outcome = tryEvaluate(raw.when, scope);
  if ('value' in outcome && typeof outcome.value === 'boolean') return !outcome.value;
  const why = 'value' in outcome ? 'it is neither true nor false' : outcome.why;
  findings.push(
    document.at(
      [...path, 'when'],
      `on ${host} this cannot be decided: ${why}`,
      'look at what it names, in parameters and inventory',
      'value' in outcome ? 0 : outcome.offset,
    ),
  );
  return true;
}

function compileFor(
  site: StepSite,
  kind: StepKind,
  host: string,
  scope: Scope,
  around: StepSurroundings,
): ReturnType<typeof compileKind> {
  const { document, values, file, sha256, late } = around;
  const written = writtenWithFiles(site, kind, document, file);
  const found = [...written.findings];
  const args = mapArguments(written, kind, (text, path) =>
    resolvedText(
      text,
      path,
      scope,
      (one) => expressionSees(one, late),
      (at, { offset, problem, advice }) =>
        found.push(written.document.at(at, `on ${host}, ${problem}`, advice, offset)),
    ),
  );
  if (found.length > 0) return { findings: found };
  const address = values.hosts[host]?.address ?? '';
  return compileKind(kind, args, written, { file, sha256, host: { name: host, address } });
}

/** When an expression can be evaluated. It was checked before, so it can be read. */
export function expressionSees(expression: string, late?: LateNames): Sees {
  const reading = parseExpression(expression);
  return 'mistake' in reading ? 'plan' : seesOf(survey(reading.tree).references, late);
}
