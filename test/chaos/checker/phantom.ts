import type { Facts, LedgerLine, RunFacts, Violation } from './facts.js';
import { harmless, named } from './reading.js';

/** Effects that Belay does not know of, or says cannot have been (G2, G4, G12, G15). */
export function phantom(facts: Facts): Violation[] {
  const acts = facts.ledger.filter((line) => line.moment === 'begin' && (line.part === 'do' || line.part === 'undo'));
  return acts.flatMap((line) => {
    const run = facts.runs.find((one) => one.run === line.run);
    return why(run, line).map((because) => ({
      crime: 'phantom' as const,
      run: line.run,
      evidence: `${line.part} of ${named(line)}, attempt ${String(line.attempt)}, began, but ${because}`,
    }));
  });
}

function why(run: RunFacts | undefined, line: LedgerLine): string[] {
  const task = run?.tasks.find((one) => one.step === line.step && one.host === line.host);
  if (!run || !task) return ['there is no such task'];
  const because: string[] = [];
  const intents = task.intents.filter(
    (one) => one.part === line.part && (line.part === 'undo' || one.attempt === line.attempt),
  );
  const first = Math.min(...intents.map((one) => one.at));
  if (intents.length === 0) because.push('no intent was written');
  else if (line.at < first) because.push(`${(first - line.at).toFixed(3)} s before its intent was written`);
  if (line.part !== 'do')
    return [
      ...because,
      ...late(
        run.undone.map((one) => one.ended),
        line,
        'the undo',
      ),
    ];
  const ending = task.results.find((one) => one.attempt === line.attempt)?.ending;
  if (ending !== undefined && harmless.includes(ending)) because.push(`it ended ${ending}`);
  if (task.state === 'pending') because.push('the task is pending');
  return [...because, ...late(run.undone.length > 0 ? [] : [run.ended], line, 'the run')];
}

/** After the end of all of them. */
function late(ends: readonly (number | undefined)[], line: LedgerLine, what: string): string[] {
  const last = Math.max(...ends.map((end) => end ?? Infinity));
  return ends.length > 0 && line.at > last ? [`${(line.at - last).toFixed(3)} s after ${what} had ended`] : [];
}
