import { crimes } from '../checker/facts.js';
import type { Checked } from './check.js';
import type { Outcome } from './outcome.js';
import type { Passed } from './pass-through.js';

/**
 * The whole result, for people and for the record. A row fails where the fault, the run or the checker says so.
 *
 * @param all - whether every fault was to be forced
 */
export function tableOf(
  { revision, seed, passed, checked: { seen, violations }, missed, secrets }: Outcome,
  all: boolean,
): { text: string; passed: number; failed: number } {
  const bad = passed.filter((one) => !one.ok || violations.some(({ run }) => run === one.run));
  const stray = violations.filter(({ run }) => !passed.some((one) => one.run === run));
  const failed = bad.length + (stray.length > 0 ? 1 : 0) + missed.length + secrets.length;
  const counts = crimes.map((crime) => `${crime} ${String(violations.filter((one) => one.crime === crime).length)}`);
  const text = [
    '# Faults, each proven to have fired',
    '',
    `Revision ${revision}, ${new Date().toISOString().slice(0, 10)}, seed ${String(seed)}; written by \`./belay chaos${all ? ' --all' : ''}\`.`,
    `${String(passed.length)} faults, ${String(passed.length - bad.length)} passed. Checker: **${counts.join(', ')}**;`,
    `it read ${Object.entries(seen)
      .map(([what, number]) => `${String(number)} ${what}`)
      .join(', ')}.`,
    `Planted violations of each class: ${missed.length === 0 ? 'all found' : `missed ${missed.join(', ')}`}.`,
    `Secrets in files of Belay and of the hosts, looked for after each fault and after all: ${secrets.length === 0 ? 'none' : secrets.join(', ')}.`,
    '',
    `| group | fault | fired | ended | s | recovery s | ${crimes.join(' | ')} |`,
    '|---|---|---|---|---|---|---|---|---|---|',
    ...[...passed].sort(byName).map((one) => row(one, violations)),
    ...violations.map(({ crime, run, evidence }) => `\n${crime}: ${run}: ${evidence}`),
    '',
  ].join('\n');
  return { text, passed: passed.length - bad.length + (4 - missed.length), failed };
}

function byName({ fault: one }: Passed, { fault: other }: Passed): number {
  return `${one.group} ${one.name}`.localeCompare(`${other.group} ${other.name}`, 'en', { numeric: true });
}

function row({ fault, run, ok, said, state, seconds, recovery }: Passed, violations: Checked['violations']): string {
  const counts = crimes.map((crime) =>
    String(violations.filter((one) => one.crime === crime && one.run === run).length),
  );
  const shown = said.replaceAll('|', '/').replaceAll('\n', ' ');
  return `| ${[fault.group, fault.name, ok ? shown : `FAILED: ${shown}`, state, seconds.toFixed(1), typeof recovery === 'number' ? recovery.toFixed(1) : (recovery ?? ''), ...counts].join(' | ')} |`;
}
