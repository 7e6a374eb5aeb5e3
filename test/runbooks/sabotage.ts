import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Lab } from '../../lab/lab.js';
import type { TasksAnswer } from '../../model/answers.js';
import type { Plan } from '../../model/plan.js';
import type { Belay } from '../end-to-end/belay.js';

/** Something that is broken on a host, how it is put right, and which steps must fail for it, `step@host`. */
export interface Sabotage {
  readonly what: string;
  readonly at: string;
  readonly break?: string;
  readonly mend?: string;
  readonly red: readonly string[];
}

/** What is broken at once, and how the runbook is asked then. */
export interface Batch {
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly rows: readonly Sabotage[];
}

export interface SabotageTable {
  /** Functions of sh for all rows. */
  readonly tools: string;
  /** A password that rows put where Belay does not know it; nothing of Belay may ever hold it. */
  readonly planted: string;
  /** Checks that no row shows, each with its reason beside it in the file. */
  readonly passedOver?: readonly string[];
  readonly batches: readonly Batch[];
}

/** A layout of gluu/cache, and what is broken of it. */
export interface LayoutBroken {
  readonly layout: string;
  /** Name of the table that shows it, without the ending. */
  readonly file: string;
  /** Which hosts are in the group `cache`. */
  readonly cache: readonly string[];
  /** What gluu/cache is asked; gluu/verify is asked the same, but for `again`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly batches: readonly Batch[];
}

type Task = TasksAnswer['tasks'][number];

/** How a batch came out: the tasks that failed, and what could not be broken or put right. */
export interface Shown {
  readonly failed: readonly Task[];
  readonly state: string;
  readonly troubles: readonly string[];
}

export const sabotageTable = (file: string): SabotageTable => parse(readFileSync(file, 'utf8')) as SabotageTable;

/** What is broken of the layouts besides one cache host. */
export const layoutsBroken = parse(
  readFileSync('test/cases/runbooks/sabotage/gluu-verify-layouts.yaml', 'utf8'),
) as Omit<SabotageTable, 'batches'> & { readonly layouts: readonly LayoutBroken[] };

/** The steps that a batch must turn red, in the order of their names; the verdict among them. */
export function expectedOf({ rows }: Batch): string[] {
  return [...new Set([...rows.flatMap(({ red }) => red), 'verdict@node1'])].sort();
}

/** Breaks what a batch says, runs the runbook, and puts all right again, whatever happened. */
export async function sabotaged(
  { lab, belay }: { readonly lab: Lab; readonly belay: Belay },
  { tools, planted }: SabotageTable,
  batch: Batch,
  run: (inputs: Readonly<Record<string, unknown>>) => Promise<string>,
): Promise<Shown> {
  const troubles: string[] = [];
  const given = [
    secretOf(lab, 'gluu-directory-manager'),
    ...['node1', 'node2', 'balancer'].map((one) => lab.host(one).address),
  ];
  const words = [
    ...given,
    given[1]!.replace(/\d+$/, '254'),
    secretOf(lab, 'gluu-replication-admin'),
    secretOf(lab, 'gluu-redis'),
    planted,
  ];
  const on = async (row: Sabotage, script: string | undefined): Promise<void> => {
    if (script === undefined) return;
    const { code, stderr } = await lab.exec(row.at, ['sh', '-euc', `${tools}\n${script}`, 'sh', ...words]);
    if (code !== 0) troubles.push(`${row.what} (${row.at}), ${script.slice(0, 60)}: ${stderr.slice(-300)}`);
  };
  try {
    for (const row of batch.rows) await on(row, row.break);
    const name = await run(batch.inputs ?? {});
    const { state } = await belay.until(name, ['failed', 'succeeded'], 400);
    const failed = (await belay.tasks(name)).filter(({ failure }) => failure !== undefined);
    return { failed, state, troubles };
  } finally {
    for (const row of batch.rows.toReversed()) await on(row, row.mend);
  }
}

export const nameOf = ({ step, host }: Pick<Task, 'step' | 'host'>): string => `${step}@${host}`;

/** A check by its name, whichever other host, port or base it is made for. */
export function checkOf(step: string): string {
  return step.replaceAll(/\.(node\d|balancer|cache|p\d+|gluu|site)(?=\.|$)/g, '');
}

/** The steps of a phase that judge what they find; none of those that only look what there is. */
export function judgingIn({ name, steps }: Plan['phases'][number]): string[] {
  if (name.startsWith('Look')) return [];
  return steps
    .filter(({ tasks }) => Object.keys(tasks).length > 0)
    .filter(({ assert, id }) => assert.length > 0 || /\.port\.p\d+$|\.proof\.(gluu|site)\./.test(id))
    .map(({ id }) => id);
}

function secretOf(lab: Lab, name: string): string {
  return readFileSync(join(lab.folder, 'with', 'secrets', name), 'utf8').trim();
}
