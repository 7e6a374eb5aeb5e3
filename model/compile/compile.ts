import type { SourceDocument } from '../document/document.js';
import { findingsOf } from '../document/issues.js';
import { readDocument } from '../document/read.js';
import { planScope, planScopes } from '../expression/plan-scope.js';
import { hasErrors, sortFindings, type Finding } from '../finding.js';
import { readInventory, type Inventory } from '../inventory/inventory.js';
import type { LeftOutPhase, Plan } from '../plan.js';
import { mapping } from '../runbook/mapping.js';
import { runbook as schema, type Runbook } from '../runbook/runbook.js';
import type { StepKind } from '../steps/kind.js';
import { kinds } from '../steps/kinds.js';
import { filesBeside } from './beside.js';
import { checkBudgets, plannedBudgets } from './budgets.js';
import { checkRunbook, type CheckedRunbook } from './check-runbook.js';
import { compilePhases } from './compile-phases.js';
import { expressionSees, plannedHints } from './compile-step.js';
import { checkGroups, minimumsOf } from './group-sizes.js';
import { revisionOf, type Sha256 } from './hash.js';
import { checkCarried } from './check-carried.js';
import { checkLooks } from './check-looks.js';
import { planHosts } from './hosts.js';
import { planInputs } from './inputs.js';
import { isPlanField } from './plan-fields.js';
import { checkPromotions } from './promotions.js';
import { planSecrets } from './secrets.js';
import { mapTexts, resolvedText } from './texts.js';
import { plannedRepetitions, unrolledPhases, type UnrolledPhase } from './unroll-phases.js';
import { unknownsOf } from './unknowns.js';
import { compilerVersion } from './version.js';

/** All that a plan is made of. */
export interface PlanSource {
  /** Documents and the files beside them, by path with `/`; steps name files relative to the runbook's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Which of `files` is the runbook. */
  readonly runbook: string;
  /** Which of `files` is the inventory. */
  readonly inventory: string;
  /** Values for the runbook's parameters, as JSON or as text from a command line. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The newest version of a stored secret; undefined where none is stored. */
  readonly secretVersion: (name: string) => number | undefined;
  readonly sha256: Sha256;
}

/** A plan, or the reasons why there is none. Warnings may accompany a plan. */
export interface Compilation {
  readonly plan?: Plan;
  readonly findings: readonly Finding[];
}

/** Compiles a runbook with its inputs and hosts into the plan that is shown, hashed, approved and carried out. */
export function compilePlan(source: PlanSource): Compilation {
  return compileWith(kinds, source);
}

/** {@link compilePlan} with other kinds of steps. */
export function compileWith(known: readonly StepKind[], source: PlanSource): Compilation {
  const { files, sha256 } = source;
  const inventory = readInventory(source.inventory, files.get(source.inventory));
  const reading = readDocument(source.runbook, files.get(source.runbook));
  const first = [...reading.findings, ...inventory.findings];
  if (reading.document === undefined) return { findings: sortFindings(first) };
  const context = {
    file: filesBeside(files, source.runbook).read,
    host: { name: 'host', address: 'host.invalid' },
    sha256,
  };
  const checked = checkRunbook(reading.document, known, context, inventory.inventory);
  const findings = [...first, ...checked.findings];
  if (hasErrors(findings) || inventory.inventory === undefined) return { findings: sortFindings(findings) };
  return compileChecked(checked, inventory.inventory, source, findings);
}

function compileChecked(
  checked: CheckedRunbook,
  inventory: Inventory,
  source: PlanSource,
  before: readonly Finding[],
): Compilation {
  const { document, places } = checked;
  const findings = [...before];
  const known = planValues(document, inventory, source, findings);
  const leftOut: LeftOutPhase[] = [];
  const unrolled = known && unrolledPhases({ document, inventory, scope: planScope(known), findings, leftOut });
  const values = known && unrolled && withHosts(known, unrolled, inventory, source, findings);
  const runbook = values && resolvedRunbook(document, values, findings);
  if (unrolled === undefined || values === undefined || runbook === undefined || hasErrors(findings))
    return { findings: sortFindings(findings) };
  const beside = filesBeside(source.files, source.runbook);
  const around = {
    document,
    sites: places.sites,
    values,
    scopeOf: planScopes(values),
    file: beside.read,
    sha256: source.sha256,
  };
  const phases = compilePhases(unrolled, { ...around, leftOut }, findings);
  const paths = unrolled.map(({ path }) => path);
  const budgets = plannedBudgets(inventory, phases);
  findings.push(...checkCarried(phases, paths, values.hosts, document));
  if (budgets !== undefined) findings.push(...checkBudgets(budgets, phases, paths, document));
  findings.push(...checkPromotions({ phases, secrets: values.secrets }, document));
  if (runbook.only_looks !== undefined) findings.push(...checkLooks(phases, paths, document));
  findings.push(...checkCount(phases.length, document));
  if (hasErrors(findings)) return { findings: sortFindings(findings) };
  const revision = revisionOf(document.value, beside.used, source.sha256);
  const repetitions = plannedRepetitions(document.value, places);
  const plan: Plan = {
    format: 1,
    compiler: compilerVersion,
    runbook: { name: runbook.runbook, about: runbook.about, revision },
    ...(runbook.only_looks !== undefined && { onlyLooks: runbook.only_looks }),
    ...values,
    ...(budgets === undefined ? {} : { budgets }),
    phases,
    ...(repetitions.length > 0 && { repetitions }),
    ...(leftOut.length > 0 && { leftOut }),
    ...(runbook.hints.length > 0 && { hints: plannedHints(runbook.hints) }),
    unknowns: unknownsOf({ phases, secrets: values.secrets }),
  };
  return { plan, findings: sortFindings(findings) };
}

/** Phases that a run can hold: its workflow knows the names and waves of all. */
const mostPhases = 500;

function checkCount(phases: number, document: SourceDocument): Finding[] {
  if (phases === 0) {
    const problem =
      'nothing is left to do: every list that phases are repeated over is empty, or their "when" is false';
    return [document.atKey(['phases'], problem, 'look at what they name, in parameters and inventory')];
  }
  if (phases <= mostPhases) return [];
  const advice = `repeat over shorter lists: at most ${mostPhases} phases in all`;
  return [document.atKey(['phases'], `${phases} phases are more than a run can hold`, advice)];
}

type PlanValues = Pick<Plan, 'inputs' | 'hosts' | 'groups' | 'minimums' | 'secrets'>;

/** Inputs, hosts, groups and secrets: what expressions are resolved with. */
function planValues(
  document: SourceDocument,
  inventory: Inventory,
  source: PlanSource,
  findings: Finding[],
): PlanValues | undefined {
  const outline = schema.pick({ groups: true, parameters: true, secrets: true }).strip().safeParse(document.value);
  if (!outline.success) return undefined;
  const inputs = planInputs(outline.data.parameters, source.inputs);
  const secrets = planSecrets(outline.data.secrets, source.secretVersion, document);
  const groups = Object.fromEntries(
    Object.keys(outline.data.groups).map((name) => [name, inventory.groups.get(name) ?? []]),
  );
  const hosts = planHosts(inventory, [], Object.values(groups).flat(), source.secretVersion);
  findings.push(...inputs.findings, ...secrets.findings, ...checkGroups(outline.data.groups, groups, document));
  const minimums = minimumsOf(outline.data.groups);
  return { inputs: inputs.values, hosts: hosts.hosts, groups, minimums, secrets: secrets.secrets };
}

/** The same with the hosts that phases act on, which expressions may have named. */
function withHosts(
  values: PlanValues,
  unrolled: readonly UnrolledPhase[],
  inventory: Inventory,
  source: PlanSource,
  findings: Finding[],
): PlanValues {
  const acting = [...new Set(unrolled.flatMap(({ hosts }) => hosts))];
  const planned = planHosts(inventory, acting, Object.values(values.groups).flat(), source.secretVersion);
  findings.push(...planned.findings);
  return { ...values, hosts: planned.hosts };
}

const head = schema.omit({ phases: true });

/** What stands above the phases of a runbook, with the advice of its hints filled in. */
function resolvedRunbook(
  document: SourceDocument,
  values: PlanValues,
  findings: Finding[],
): Omit<Runbook, 'phases'> | undefined {
  const scope = planScope(values);
  const { phases: _, ...written } = mapping(document.value);
  const value = mapTexts(written, [], (text, path) =>
    isPlanField(path)
      ? resolvedText(text, path, scope, expressionSees, (at, { offset, problem, advice }) =>
          findings.push(document.at(at, problem, advice, offset)),
        )
      : text,
  );
  const parsed = head.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  findings.push(...findingsOf(parsed.error, { document, schema, base: [] }));
  return undefined;
}
