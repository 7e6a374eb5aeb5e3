import type { Facts, RunFacts, TaskFacts, Violation } from './facts.js';
import { begins, eachTask, finalStates, linesOf, named } from './reading.js';

/** What was done, said or acknowledged, and is not there (G3, G8, G9, G11). */
export function lost(facts: Facts): Violation[] {
  return [
    ...facts.runs.flatMap((run) => [...lostOfRun(run), ...lostHistory(facts, run)]),
    ...eachTask(facts).flatMap(({ run, task }) => lostEffects(facts, run, task)),
    ...lostWords(facts),
  ];
}

function violation(run: string, evidence: string): Violation {
  return { crime: 'lost', run, evidence };
}

function lostOfRun({ run, state, lastEvent, events, tasks }: RunFacts): Violation[] {
  const found: Violation[] = [];
  if (events !== lastEvent)
    found.push(violation(run, `${String(events)} events are there, but the newest has number ${String(lastEvent)}`));
  if (state !== 'succeeded') return found;
  const open = tasks.filter((task) => !['changed', 'ok', 'skipped'].includes(task.state));
  return [...found, ...open.map((task) => violation(run, `the run succeeded, but ${named(task)} is ${task.state}`))];
}

/** Effects that Belay says it made, or took back, and of which the host knows nothing. */
function lostEffects(facts: Facts, { run }: RunFacts, task: TaskFacts): Violation[] {
  if (!task.noted) return [];
  const lines = linesOf(facts, run, task);
  const ended = lines.filter((line) => line.moment === 'end');
  const done = task.results.filter((one) => one.ending === 'done');
  const found = done.flatMap(({ attempt, exit }) => {
    // Without an exit the effect was read back: its process may have died before its last line.
    const proof = exit === undefined ? begins(lines, 'do') : ended.filter((line) => line.part === 'do');
    const there = exit === undefined ? proof.length > 0 : proof.some((line) => line.attempt === attempt);
    return there
      ? []
      : [violation(run, `attempt ${String(attempt)} of ${named(task)} is done, but its host has no such effect`)];
  });
  const changed = ended.some((line) => line.part === 'do');
  if (task.state === 'undone' && changed && begins(lines, 'undo').length === 0)
    found.push(violation(run, `${named(task)} is undone, but its host knows of no undo`));
  return found;
}

/** What a workflow was told of an attempt must be in the records, and the other way round. */
function lostHistory(facts: Facts, run: RunFacts): Violation[] {
  const histories = facts.histories.filter((history) => history.run === run.run);
  const told = histories.flatMap((history) => history.endings);
  const unrecorded = told.filter((one) => resultOf(run, one)?.ending !== one.ending && !byWord(run, one));
  const found = unrecorded.map((one) =>
    violation(
      run.run,
      `a history says ${one.ending} of attempt ${String(one.attempt)} of ${named(one)}; the records say ${resultOf(run, one)?.ending ?? 'nothing'}`,
    ),
  );
  if (run.state === 'succeeded')
    for (const task of run.tasks)
      for (const { attempt, ending } of task.results)
        if (!told.some((one) => one.step === task.step && one.host === task.host && one.attempt === attempt))
          found.push(
            violation(run.run, `no history knows the ${ending} of attempt ${String(attempt)} of ${named(task)}`),
          );
  const over = histories.length > 0 && histories.every((history) => history.status !== 'RUNNING');
  if (over && !finalStates.includes(run.state))
    found.push(violation(run.run, `no workflow is open, but the run is ${run.state}`));
  return found;
}

function resultOf(run: RunFacts, one: { step: string; host: string; attempt: number }): { ending: string } | undefined {
  return taskOf(run, one)?.results.find((result) => result.attempt === one.attempt);
}

function byWord(run: RunFacts, one: { step: string; host: string }): boolean {
  return taskOf(run, one)?.byWord === true;
}

function taskOf(run: RunFacts, { step, host }: { step: string; host: string }): TaskFacts | undefined {
  return run.tasks.find((task) => task.step === step && task.host === host);
}

/** Runs and words that were answered for; words to a run that is over must have been settled. */
function lostWords(facts: Facts): Violation[] {
  const unknown = facts.acknowledged.filter(({ what, id }) =>
    what === 'run' ? !facts.runs.some((run) => run.run === id) : !facts.verbs.some((verb) => verb.id === id),
  );
  const over = new Set(facts.runs.filter((run) => finalStates.includes(run.state)).map(({ run }) => run));
  const unsettled = facts.verbs.filter((verb) => over.has(verb.run) && !verb.settled);
  return [
    ...unknown.map(({ what, id }) =>
      violation(what === 'run' ? id : '', `the ${what} ${id} was acknowledged and is not there`),
    ),
    ...unsettled.map(({ run, verb, id }) => violation(run, `the run is over, but nobody has answered ${verb} (${id})`)),
  ];
}
