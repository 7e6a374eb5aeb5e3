import type { Sha256 } from '../compile/hash.js';
import { formatDuration } from '../duration.js';
import type { PlannedHint, PlannedStep, Register, Retry } from '../plan.js';
import { word } from './data.js';
import { counted, indent, table } from './layout.js';
import { operationRows, type Row } from './operation.js';
import type { NamedScripts } from './scripts.js';

/** What showing a step needs besides the step. */
export interface Showing {
  /** True for a step that undoes another: it is not undone itself. */
  readonly undoing?: boolean;
  readonly named: NamedScripts;
  readonly sha256: Sha256 | undefined;
  /** All hosts of the step's phase. */
  readonly hosts: readonly string[];
}

/** A step: what is so afterwards, what is run for that on which hosts, and how it goes back. */
export function showStep(step: PlannedStep, number: string, showing: Showing): string[] {
  const facts = table([
    ...conditions(step, showing.hosts),
    ...operations(step, showing),
    ...settings(step),
    ...(showing.undoing ? [] : goingBack(step, showing)),
  ]);
  return [`${number} ${step.name}   (${step.id}: ${step.kind})`, ...indent(facts, 4)];
}

function conditions(step: PlannedStep, hosts: readonly string[]): Row[] {
  const without = hosts.filter((host) => !Object.hasOwn(step.tasks, host));
  const rows: Row[] = step.when === undefined ? [] : [['when', [step.when]]];
  return without.length === 0 ? rows : [...rows, ['not on', [`${without.join(', ')}: the condition is false there`]]];
}

/** What all hosts do alike stands once; where hosts differ, each way is shown with its hosts. */
function operations(step: PlannedStep, { named, sha256 }: Showing): Row[] {
  const ways = step.operations.map((operation, index) => ({
    hosts: hostsOf(step, index),
    rows: operationRows(operation, named, sha256),
  }));
  const [first] = ways;
  if (first === undefined || ways.length === 1) return first?.rows ?? [];
  const same = first.rows.filter((row) => ways.every(({ rows }) => rows.some((other) => equal(row, other))));
  const differing = ways.map(({ hosts, rows }): Row => {
    const own = rows.filter((row) => !same.some((one) => equal(one, row)));
    return [`on ${hosts.join(', ')}`, table(own.map(([name, lines, label]): Row => [label ?? name, lines]))];
  });
  return [...same, ...differing];
}

function hostsOf(step: PlannedStep, operation: number): string[] {
  return Object.entries(step.tasks).flatMap(([host, index]) => (index === operation ? [host] : []));
}

function equal(a: Row, b: Row): boolean {
  return a[0] === b[0] && a[2] === b[2] && a[1].join('\n') === b[1].join('\n');
}

function settings(step: PlannedStep): Row[] {
  const rows: Row[] = [];
  const given = Object.entries(step.scope?.late ?? {}).map(([name, late]) => `${name} = ${word(late.given)}`);
  if (given.length > 0) rows.push(['given', given]);
  const registered = Object.entries(step.register).map(([name, rule]) => `${name} = ${registeredFrom(rule)}`);
  if (registered.length > 0) rows.push(['register', registered]);
  if (step.assert.length > 0) rows.push(['assert', step.assert]);
  if (step.retry.attempts > 1) rows.push(['retry', [retries(step.retry, step.repeatable)]]);
  if (step.hints !== undefined) rows.push(['hints', step.hints.map(shownHint)]);
  if (step.owes.length > 0) rows.push(['owes', [`a change owes a restart of ${step.owes.join(', ')}`]]);
  rows.push(['limit', [formatDuration(step.timeout)]]);
  if (step.lostAfter !== undefined)
    rows.push(['lost after', [`${formatDuration(step.lostAfter)} without an answer; then its outcome is unknown`]]);
  return rows;
}

/** Which error is known, and what is advised. */
export function shownHint({ stdout, stderr, exit, advice }: PlannedHint): string {
  const streams = Object.entries({ stdout, stderr }).flatMap(([name, pattern]) =>
    pattern === undefined ? [] : [`${name} has ${pattern}`],
  );
  const exits = exit === undefined ? [] : [`exit ${exit.join(' or ')}`];
  return `${[...exits, ...streams].join(' and ')}: ${advice}`;
}

function registeredFrom({ from, trim, type, parse }: Register): string {
  const part = parse?.at === undefined ? '' : ` at ${parse.at}`;
  const read = parse === undefined ? '' : ` read as ${parse.format}${part}`;
  return `${from}${read}, as ${type}${trim ? ', trimmed' : ''}`;
}

function retries({ attempts, interval, backoff, cap }: Retry, repeatable: boolean): string {
  const growing = backoff === 1 ? '' : `, growing by ${backoff} up to ${formatDuration(cap)}`;
  const which = repeatable ? 'whatever became of the last try' : 'only where surely nothing happened';
  return `${counted(attempts, 'attempt')} in all, ${formatDuration(interval)} apart${growing}; ${which}`;
}

function goingBack({ undo, operations }: PlannedStep, showing: Showing): Row[] {
  switch (undo.how) {
    case 'restore':
      if (operations[0]?.on === 'http')
        return [['goes back', ['by its undo request; a check says whether that is due']]];
      if (operations[0]?.on === 'sql')
        return [['goes back', ['by its undo statements, once, where its transaction was committed']]];
      return [['goes back', ['to what capture found, unless somebody else has changed it since']]];
    case 'nothing':
      return [['goes back', ['nothing to undo']]];
    case 'none':
      return [['goes back', [`CANNOT BE UNDONE: ${undo.because}`]]];
    case 'by':
      return [
        ['goes back', [`with ${undo.by.join(', ')}, whose undo takes this back; not where that changes nothing`]],
      ];
    case 'steps':
      return [
        ['goes back', ['by these steps:']],
        ['', undo.steps.flatMap((step) => indent(showUndoing(step, showing)))],
      ];
  }
}

function showUndoing(step: PlannedStep, showing: Showing): string[] {
  return showStep(step, '-', { ...showing, undoing: true, hosts: Object.keys(step.tasks) });
}
