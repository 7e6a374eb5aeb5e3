import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cellsOn, head, line } from '../../chaos/markdown-table.js';
import type { Plan } from '../../../model/plan.js';
import { wholeRun, type Place, type Row } from './rows.js';

/** A table as it is kept: the rows so far, and the steps of the runbook of its last revision, in their order. */
export interface Table {
  /** Its own name, which is in that of its file. */
  readonly table: string;
  /** What it tells of. */
  readonly about: string;
  readonly rows: readonly Row[];
  readonly steps: readonly Known[];
}

/** What has a row: a step, by the phase that it is of. */
export type Known = Pick<Row, 'phase' | 'step'>;

/** Whether both are the same step: another runbook may have one of this id in another phase. */
export const same = (one: Known, other: Known): boolean => one.phase === other.phase && one.step === other.step;

export const fileOf = (table: string): string => `docs/proofs/failures-${table}.md`;

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
export function pageOf({ about, rows, steps }: Omit<Table, 'table'>): string {
  const shown = inOrder(rows, steps);
  const missing = steps.filter((step) => !rows.some((row) => same(row, step)));
  const gone = rows.filter((row) => !steps.some((step) => same(row, step)));
  return [
    `# A failure at every step of ${about}`,
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

const listed = (title: string, steps: readonly Known[]): string[] =>
  steps.length === 0 ? [] : [`## ${title}`, '', ...steps.map(({ step }) => `- \`${step}\``), ''];

function inOrder(rows: readonly Row[], steps: readonly Known[]): Row[] {
  const place = (row: Row): number => {
    const index = steps.findIndex((step) => same(row, step));
    return index < 0 ? steps.length : index;
  };
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

/** The rows that were kept of a table. */
export const keptRows = (table: string): Row[] =>
  existsSync(fileOf(table)) ? rowsOn(readFileSync(fileOf(table), 'utf8')) : [];

/** Writes a table, with every row as soon as it is there: what is cut short leaves what it has shown. */
export function keepTable(table: Table): void {
  writeFileSync(fileOf(table.table), pageOf(table));
}

/** What has a row in a table that is whole: each step, and the run that has gone through the failures of all. */
export const stepsOf = (plan: Plan, places: readonly Place[]): Known[] => [
  ...places.map(({ phase, step }) => ({ phase: plan.phases[phase]?.name ?? '', step })),
  wholeRun,
];
