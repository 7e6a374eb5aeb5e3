import type { Facts, LedgerLine, RunFacts, TaskFacts, Violation } from './facts.js';
import { linesOf, named } from './reading.js';

/** What came before its turn (G5, G6). */
export function outOfOrder(facts: Facts): Violation[] {
  return facts.runs.flatMap((run) => {
    const noted = run.tasks.filter((task) => task.noted && !task.byWord && task.state !== 'skipped');
    const lines = new Map(noted.map((task) => [task, linesOf(facts, run.run, task)]));
    const found = [
      ...noted.flatMap((task) => looksAfterwards(task, lines.get(task) ?? [])),
      ...barriers(noted, lines, 'do'),
      ...barriers(noted, lines, 'undo'),
      ...behindUndo(run, noted, lines),
    ];
    return found.map((evidence) => ({ crime: 'out of order' as const, run: run.run, evidence }));
  });
}

/** A check, or a capture of the pre-image, after the task had begun to act. */
function looksAfterwards(task: TaskFacts, lines: readonly LedgerLine[]): string[] {
  const acted = lines.findIndex((line) => line.part === 'do');
  if (acted < 0) return [];
  return lines
    .slice(acted)
    .filter((line) => line.moment === 'begin' && (line.part === 'check' || line.part === 'capture'))
    .map((line) => `${line.part} of ${named(task)} after its do had begun`);
}

/** A step that acted on any host before an earlier one had ended on every host; for undo the other way round. */
function barriers(
  tasks: readonly TaskFacts[],
  lines: ReadonlyMap<TaskFacts, readonly LedgerLine[]>,
  part: 'do' | 'undo',
): string[] {
  const of = (task: TaskFacts): LedgerLine[] => (lines.get(task) ?? []).filter((line) => line.part === part);
  return tasks.flatMap((earlier) =>
    tasks
      .filter((later) => (part === 'do' ? isBefore(earlier, later) : isBefore(later, earlier)))
      .flatMap((later) => {
        const last = of(earlier).at(-1);
        const first = of(later)[0];
        return last && first && precedes(first, last)
          ? [`${part} of ${named(later)} began before that of ${named(earlier)} had ended`]
          : [];
      }),
  );
}

/** Lines of one host are in the order in which they were written; between hosts their clocks decide. */
function precedes(one: LedgerLine, other: LedgerLine): boolean {
  return one.host === other.host ? one.place < other.place : one.at < other.at;
}

function isBefore({ order: one }: TaskFacts, { order: other }: TaskFacts): boolean {
  const differing = one.findIndex((number, index) => number !== other[index]);
  return differing >= 0 && one[differing]! < other[differing]!;
}

/** Something that acted forward after its run had begun to go back. */
function behindUndo(
  run: RunFacts,
  tasks: readonly TaskFacts[],
  lines: ReadonlyMap<TaskFacts, readonly LedgerLine[]>,
): string[] {
  if (run.undone.length === 0) return [];
  return tasks.flatMap((task) => {
    const mine = lines.get(task) ?? [];
    const back = mine.findIndex((line) => line.part === 'undo');
    const forward = back < 0 ? [] : mine.slice(back).filter((line) => line.part === 'do' && line.moment === 'begin');
    return forward.map(() => `do of ${named(task)} began after its undo`);
  });
}
