import type { Crime, DirectoryChange, Facts, RunFacts, TaskFacts, Violation } from './facts.js';
import { begins, linesOf, named, retried } from './reading.js';

/** A change of the directory, and what it was: a run's do, its undo, or nobody's. */
interface Told {
  readonly change: DirectoryChange;
  readonly what: 'do' | 'undo' | 'again' | 'nothing known';
  readonly run: string;
}

/** What the server's own log says against what Belay says of directories (G1, G4, G6, G14). */
export function directoryCrimes(facts: Facts): Violation[] {
  const told = tell(facts);
  const of = (crime: Crime, run: string, evidence: string): Violation => ({ crime, run, evidence });
  const strange = told.flatMap(({ what, run, change }) => {
    if (what === 'nothing known') return [of('phantom', run, `nobody's change: ${said(change)}`)];
    return what === 'again' && !retried(facts, run) ? [of('doubled', run, `made again: ${said(change)}`)] : [];
  });
  const ofTasks = facts.runs.flatMap((run) =>
    run.tasks
      .filter((task) => task.directory)
      .flatMap((task) => {
        const mine = told.filter((one) => one.run === run.run);
        return [...missing(task, mine), ...unannounced(run, task, mine), ...early(facts, run, task, mine)].map(
          ([crime, evidence]) => of(crime, run.run, evidence),
        );
      }),
  );
  return [...strange, ...ofTasks];
}

/** Goes through the log, knowing what stands in the directory at each moment. */
function tell({ directory, runs }: Facts): Told[] {
  const before = new Map<string, string>();
  let present = '';
  let owner = '';
  const told: Told[] = [];
  for (const change of directory) {
    const value = change.values.join('\n');
    const run = runs.find(({ mark }) => mark !== undefined && value.includes(JSON.stringify(mark)))?.run ?? '';
    if (!change.own) {
      if (run !== '' && !before.has(run)) {
        told.push({ change, what: 'do', run });
        before.set(run, present);
      } else if (value === present) told.push({ change, what: 'again', run });
      else if (before.get(owner) === value) told.push({ change, what: 'undo', run: owner });
      else told.push({ change, what: run === '' ? 'nothing known' : 'again', run });
    }
    present = value;
    owner = run;
  }
  return told;
}

type Found = readonly [crime: Crime, evidence: string];

/** Changes that Belay says it made, or took back, and of which the server knows nothing. */
function missing(task: TaskFacts, told: readonly Told[]): Found[] {
  const made = told.some(({ what }) => what === 'do');
  const back = told.some(({ what }) => what === 'undo');
  if (task.results.some(({ ending }) => ending === 'done') && !made && !task.byWord)
    return [['lost', `${named(task)} is done, but its server has logged no such change`]];
  return task.state === 'undone' && made && !back
    ? [['lost', `${named(task)} is undone, but its server has logged no such change`]]
    : [];
}

/**
 * Changes without a word before in the records; the server's clock counts whole seconds. What goes back in a directory is
 * announced by the undo as a whole.
 */
function unannounced(run: RunFacts, task: TaskFacts, told: readonly Told[]): Found[] {
  return told.flatMap(({ what, change }): Found[] => {
    if (what === 'do' && !task.intents.some(({ part, at }) => part === 'do' && Math.floor(at) <= change.at))
      return [['phantom', `do of ${named(task)} without an intent: ${said(change)}`]];
    if (what === 'undo' && !run.undone.some(({ ended = Infinity }) => change.at <= ended))
      return [['phantom', `undo of ${named(task)}, which nobody was undoing: ${said(change)}`]];
    return [];
  });
}

/** A change before an earlier step had acted on every host, or after a later one had begun to. */
function early(facts: Facts, run: RunFacts, task: TaskFacts, told: readonly Told[]): Found[] {
  const [made] = told.filter(({ what }) => what === 'do');
  if (made === undefined) return [];
  return run.tasks
    .filter((other) => other.noted && !other.byWord)
    .flatMap((other): Found[] => {
      const lines = begins(linesOf(facts, run.run, other), 'do');
      const wrong = isBefore(other, task)
        ? lines.some(({ at }) => Math.floor(at) > made.change.at)
        : lines.some(({ at }) => at < made.change.at);
      return wrong ? [['out of order', `${named(task)} and ${named(other)}: ${said(made.change)}`]] : [];
    });
}

function isBefore({ order: one }: TaskFacts, { order: other }: TaskFacts): boolean {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at]! < other[at]!;
}

function said({ host, place, at }: DirectoryChange): string {
  return `change ${String(place + 1)} on ${host}, at ${String(at)}`;
}
