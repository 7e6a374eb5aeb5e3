/**
 * One mistake in a document or in a run's inputs, for the person who wrote it. `line` and `column` count from 1;
 * both are 0 where `file` is a JSON pointer into the inputs, such as `/inputs/tunnel_port`.
 */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  /** What to do about it; empty where the problem says it all. */
  readonly advice: string;
  readonly severity: 'error' | 'warning';
}

/** `file:line:column: problem; advice`, as compilers print it and editors follow it. */
export function formatFinding(finding: Finding): string {
  const place = finding.line === 0 ? finding.file : `${finding.file}:${finding.line}:${finding.column}`;
  const advice = finding.advice === '' ? '' : `; ${finding.advice}`;
  const warning = finding.severity === 'warning' ? 'warning: ' : '';
  return `${place}: ${warning}${finding.problem}${advice}`;
}

/** True where at least one finding is an error: no plan can be made. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

/** In reading order, each said once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const said = new Map(findings.map((finding) => [formatFinding(finding), finding]));
  return [...said.values()].sort(
    (a, b) =>
      compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.problem, b.problem),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
