import type { Facts, LedgerLine, RunFacts, TaskFacts, Violation } from './facts.js';
import { begins, eachTask, harmless, linesOf, named, retried } from './reading.js';

/** Effects, or words on them, of which there are more than may be (G1, G2, G9). */
export function doubled(facts: Facts): Violation[] {
  return eachTask(facts).flatMap(({ run, task }) => {
    const lines = linesOf(facts, run.run, task);
    const found = [
      ...twice(begins(lines, 'do'), task),
      ...twice(begins(lines, 'undo'), task),
      ...repeated(facts, run, task, begins(lines, 'do')),
      ...contradicted(facts, run, task),
    ];
    return found.map((evidence) => ({ crime: 'doubled' as const, run: run.run, evidence }));
  });
}

/** The same attempt, begun more than once. */
function twice(begun: readonly LedgerLine[], task: TaskFacts): string[] {
  const attempts = [...new Set(begun.map((line) => line.attempt))];
  return attempts.flatMap((attempt) => {
    const times = begun.filter((line) => line.attempt === attempt).length;
    const part = begun[0]?.part ?? '';
    return times > 1 ? [`${part} of ${named(task)}, attempt ${String(attempt)}, began ${String(times)} times`] : [];
  });
}

/** Another attempt, although the one before may have acted, the step is not repeatable, and nobody said so. */
function repeated(facts: Facts, run: RunFacts, task: TaskFacts, begun: readonly LedgerLine[]): string[] {
  if (task.repeatable || retried(facts, run.run)) return [];
  const attempts = [...new Set(begun.map((line) => line.attempt))].sort((one, other) => one - other);
  return attempts.slice(1).flatMap((attempt, index) => {
    const before = attempts[index]!;
    const ending = task.results.find((one) => one.attempt === before)?.ending ?? 'no end';
    return harmless.includes(ending)
      ? []
      : [`attempt ${String(attempt)} of ${named(task)} began after attempt ${String(before)} had acted (${ending})`];
  });
}

/** Histories that tell two ends of one attempt. */
function contradicted(facts: Facts, run: RunFacts, task: TaskFacts): string[] {
  const told = facts.histories
    .filter((history) => history.run === run.run)
    .flatMap((history) => history.endings)
    .filter((one) => one.step === task.step && one.host === task.host);
  return [...new Set(told.map((one) => one.attempt))].flatMap((attempt) => {
    const endings = [...new Set(told.filter((one) => one.attempt === attempt).map((one) => one.ending))];
    return endings.length > 1
      ? [`histories tell ${endings.join(' and ')} of attempt ${String(attempt)} of ${named(task)}`]
      : [];
  });
}
