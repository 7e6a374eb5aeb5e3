import type { Sha256 } from '../compile/hash.js';
import { formatDuration } from '../duration.js';
import type { Plan, PlannedApproval, PlannedPhase, PlannedPhaseEntry, PlannedSecret } from '../plan.js';
import { showHost } from './host.js';
import { counted, indent, quoted, table, visible } from './layout.js';
import type { Row } from './operation.js';
import { nameScripts, type NamedScripts } from './scripts.js';
import { shownHint, showStep } from './step.js';

/**
 * The plan as an operator reads it before approving, with its hash last. Secrets are never in it: holes stay as
 * written. A script that several steps share is shown once, at the end.
 *
 * @param sha256 - for the digests of files; without it only their sizes are shown
 */
export function showPlan(plan: Plan, hash: string, sha256?: Sha256): string {
  const named = nameScripts(plan);
  const phases = plan.phases.flatMap((phase, index) => ['', ...showPhase(phase, index, plan, named, sha256)]);
  const lines = [
    `Plan of ${plan.runbook.name}`,
    ...indent([
      ...plan.runbook.about.trim().split('\n'),
      `revision ${plan.runbook.revision}, compiler ${plan.compiler}`,
    ]),
    ...summary(plan),
    ...phases,
    ...scripts(named),
    '',
    `Plan hash: ${hash}`,
  ];
  return `${visible(lines.join('\n'))}\n`;
}

function summary(plan: Plan): string[] {
  const inputs = Object.entries(plan.inputs).map(([name, value]): Row => [name, [JSON.stringify(value)]]);
  const secrets = Object.entries(plan.secrets).map(([name, secret]): Row => [name, [originOf(secret)]]);
  return [
    ...section('Inputs', table(inputs)),
    ...section('Secrets', table(secrets)),
    ...section(
      'Hosts',
      Object.entries(plan.hosts).flatMap(([name, host]) => showHost(name, host)),
    ),
    ...section(
      'Budgets',
      Object.entries(plan.budgets ?? {}).map(
        ([group, { down, machines }]) =>
          `at most ${down} of ${group} down at a time, over all runs: ${Object.keys(machines).join(', ')}`,
      ),
    ),
    ...section('Only looks, beside whoever acts', plan.onlyLooks === undefined ? [] : [plan.onlyLooks]),
    ...section(
      'Approvals to come',
      plan.phases.flatMap((phase, index) =>
        phase.approval ? [`before phase ${index + 1}, ${phase.name}: ${phase.approval.ask}`] : [],
      ),
    ),
    ...section(
      'Cannot be undone',
      plan.phases.flatMap(({ steps }) =>
        steps.flatMap(({ id, name, undo }) => (undo.how === 'none' ? [`${name} (${id}): ${undo.because}`] : [])),
      ),
    ),
    ...section(
      'Left out',
      (plan.leftOut ?? []).map(({ name, when }) => `${name}: it is not so that ${when}`),
    ),
    ...section('Hints for known errors', (plan.hints ?? []).map(shownHint)),
    ...section('Known only in the run', plan.unknowns),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...indent(lines)];
}

function originOf(secret: PlannedSecret): string {
  if ('next' in secret)
    return `the next value of ${secret.next.stored}, after version ${secret.next.after}: the one that waits, else made by the run`;
  if ('generate' in secret) return `made by the run, ${counted(secret.generate.length, 'character')}`;
  if ('certificate_authority' in secret)
    return `certificate authority "${secret.certificate_authority.name}", made by the run`;
  return `stored as ${secret.stored}, version ${secret.version}`;
}

function showPhase(
  phase: PlannedPhase,
  index: number,
  plan: Plan,
  named: NamedScripts,
  sha256: Sha256 | undefined,
): string[] {
  const hosts = phase.waves.flat();
  const title = `Phase ${index + 1} of ${plan.phases.length}: ${phase.name}`;
  const waves = phase.waves.map((wave, number): Row => [
    phase.waves.length === 1 ? 'hosts' : `wave ${number + 1}`,
    [wave.join(', ')],
  ]);
  const rows: Row[] = [
    ...(phase.approval ? [approvalRow(phase.approval)] : []),
    ...(phase.each ? [repeatedRow(phase.each, plan)] : []),
    ['chosen by', [phase.hosts]],
    ...waves,
    ['failures', [failures(phase)]],
  ];
  const steps = phase.steps.flatMap((step, number) => [
    '',
    ...showStep(step, `${index + 1}.${number + 1}`, { named, sha256, hosts }),
  ]);
  return [title, '='.repeat(title.length), ...indent(table(rows)), ...indent(steps)];
}

/** Which entry of a list a phase is for, of how many. */
function repeatedRow({ of, key, index }: PlannedPhaseEntry, { phases }: Plan): Row {
  const entries = new Set(phases.flatMap(({ each }) => (each?.of === of ? [each.index] : [])));
  return ['repeated', [`for ${key}, entry ${index + 1} of ${entries.size}`]];
}

function approvalRow({ ask, groups, votes, timeout, onTimeout }: PlannedApproval): Row {
  const patience =
    timeout === undefined
      ? 'waits until somebody answers'
      : `without an answer in ${formatDuration(timeout)}: ${onTimeout}`;
  return ['approval', [ask, `${counted(votes, 'vote')} of ${groups.join(' or ')}; ${patience}`]];
}

function failures({ maxFailures, onFailure }: PlannedPhase): string {
  return `${maxFailures === 0 ? 'when a host fails' : `when more than ${counted(maxFailures, 'host')} fail`}: ${onFailure}`;
}

function scripts({ names }: NamedScripts): string[] {
  if (names.size === 0) return [];
  return [
    '',
    'Scripts',
    '=======',
    ...[...names].flatMap(([text, name]) => ['', `  ${name}`, ...indent(quoted(text), 4)]),
  ];
}
