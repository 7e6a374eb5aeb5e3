import type { Facts, LedgerLine, RunFacts, TaskFacts } from './facts.js';

/** Endings after which surely nothing has happened. */
export const harmless = ['refused', 'unreachable', 'skipped', 'ok'];
export const finalStates = ['succeeded', 'failed', 'undone', 'undo_incomplete', 'rejected', 'timed_out', 'cancelled'];

/** The ledger's lines of one task, in the order in which its host wrote them. */
export function linesOf(facts: Facts, run: string, { step, host }: Pick<TaskFacts, 'step' | 'host'>): LedgerLine[] {
  return facts.ledger
    .filter((line) => line.run === run && line.step === step && line.host === host)
    .sort((one, other) => one.place - other.place);
}

export function begins(lines: readonly LedgerLine[], part: string): LedgerLine[] {
  return lines.filter((line) => line.part === part && line.moment === 'begin');
}

export function eachTask(facts: Facts): { readonly run: RunFacts; readonly task: TaskFacts }[] {
  return facts.runs.flatMap((run) => run.tasks.map((task) => ({ run, task })));
}

export function named({ step, host }: Pick<TaskFacts, 'step' | 'host'>): string {
  return `${step} on ${host}`;
}

/** Whether a person has said `retry` to the run, and was heard. */
export function retried(facts: Facts, run: string): boolean {
  return facts.verbs.some((verb) => verb.run === run && verb.verb === 'retry' && verb.accepted);
}
