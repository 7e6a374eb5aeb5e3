import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cellsOn, head, line } from '../../chaos/markdown-table.js';
import { wholeRun, type Place, type Row } from './rows.js';

/** A table as it is kept: the rows so far, and the steps of the runbook of its last revision, in their order. */
export interface Table {
  readonly runbook: string;
  readonly rows: readonly Row[];
  readonly steps: readonly string[];
}

export const fileOf = (runbook: string): string => `docs/proofs/failures-${runbook}.md`;

const columns = [
  'phase',
  'step',
  'host',
  'how the run stood, and what it said',
  'what verify said there',
  'after going back',
  'held',
  'revision',
];

/** The page of a table. Every step of the runbook is in it: with what was seen, or among those that were not tried. */
export function pageOf({ runbook, rows, steps }: Table): string {
  const shown = inOrder(rows, steps);
  const missing = steps.filter((step) => !rows.some((row) => row.step === step));
  const gone = rows.filter(({ step }) => !steps.includes(step)).map(({ step }) => step);
  return [
    `# A failure at every step of gluu/${runbook}`,
    '',
    `${String(steps.length - missing.length)} of ${String(steps.length)} steps that change something. How it is made: [README.md](README.md).`,
    '',
    ...head(columns),
    ...shown.map(({ phase, step, host, said, verify, back, held, revision }) =>
      line([phase, step, host, said, verify, back, held ? 'yes' : 'no', revision]),
    ),
    '',
    ...listed('Not tried', missing),
    ...listed('In the runbook no more', gone),
  ].join('\n');
}

const listed = (title: string, steps: readonly string[]): string[] =>
  steps.length === 0 ? [] : [`## ${title}`, '', ...steps.map((step) => `- \`${step}\``), ''];

function inOrder(rows: readonly Row[], steps: readonly string[]): Row[] {
  const place = (row: Row): number => (steps.includes(row.step) ? steps.indexOf(row.step) : steps.length);
  return rows.toSorted((one, other) => place(one) - place(other));
}

/** The rows of a page. */
export function rowsOn(page: string): Row[] {
  return cellsOn(page, columns).map(
    ([phase = '', step = '', host = '', said = '', verify = '', back = '', held = '', revision = '']) => {
      return { phase, step, host, said, verify, back, held: held === 'yes', revision };
    },
  );
}

/** The rows that were kept of a runbook's table. */
export const keptRows = (runbook: string): Row[] =>
  existsSync(fileOf(runbook)) ? rowsOn(readFileSync(fileOf(runbook), 'utf8')) : [];

/** Writes a table, with every row as soon as it is there: what is cut short leaves what it has shown. */
export function keepTable(table: Table): void {
  writeFileSync(fileOf(table.runbook), pageOf(table));
}

/** What has a row in a table that is whole: each step, and the run that has gone through the failures of all. */
export const stepsOf = (places: readonly Place[]): string[] => [...places.map(({ step }) => step), wholeRun];
