import type { Plan, PlannedPhase, PlannedStep } from '../../../model/plan.js';
import type { TaskState } from '../../../model/states.js';
import type { Colours } from '../colour.js';
import { visible } from '../visible.js';
import { elapsed, mark, painted } from './marks.js';
import { troubleWords } from './trouble-words.js';
import { taskKey, text, type Picture, type TaskPicture } from './picture.js';

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly colours: Colours;
  /** The last line of output of each running task, by `taskKey`. */
  readonly tails: ReadonlyMap<string, string>;
}

/** The run as a tree of phases, waves, steps and hosts; what is through or not yet due is one line. */
export function tree(run: string, plan: Plan, picture: Picture, canvas: Canvas): string[] {
  const { colours } = canvas;
  const since = picture.startedAt === undefined ? '' : elapsed(canvas.now - Date.parse(picture.startedAt));
  const heading = `${colours.bold(run)}  ${stateWords(picture)}  ${colours.dim(since)}`;
  const phases = plan.phases.flatMap((phase, index) => phaseLines(phase, index, picture, canvas));
  return fit([heading, ...troubleLines(picture, colours), ...phases], canvas);
}

function troubleLines(picture: Picture, colours: Colours): string[] {
  return [...picture.troubles.values()].map((trouble) => colours.red(`! ${troubleWords(trouble)}`));
}

function stateWords(picture: Picture): string {
  const reason = picture.standing['because'] ?? picture.standing['for'];
  return reason === undefined ? picture.state : `${picture.state} (${visible(text(reason))})`;
}

function phaseLines(phase: PlannedPhase, index: number, picture: Picture, canvas: Canvas): string[] {
  const states = phase.steps.flatMap((step) => Object.keys(step.tasks).map((host) => stateOf(picture, step, host)));
  const began = states.some((state) => state !== 'pending');
  const through = picture.finishedPhases.has(index);
  const goesOn = states.includes('running') || (began && !through);
  const title = `${sign(states, through, canvas.colours)} ${index + 1} ${visible(phase.name)}`;
  if (!goesOn) return [`${title}  ${canvas.colours.dim(counts(states))}`];
  return [title, ...phase.waves.flatMap((wave, number) => waveLines(phase, wave, number, picture, canvas))];
}

function waveLines(
  phase: PlannedPhase,
  wave: readonly string[],
  number: number,
  picture: Picture,
  canvas: Canvas,
): string[] {
  const steps = phase.steps.map((step) => ({ step, hosts: wave.filter((host) => host in step.tasks) }));
  const states = steps.flatMap(({ step, hosts }) => hosts.map((host) => stateOf(picture, step, host)));
  const title = `  wave ${number + 1} of ${phase.waves.length}: ${wave.length === 1 ? wave[0] : `${wave.length} hosts`}`;
  if (states.every((state) => state === 'pending')) return phase.waves.length === 1 ? [] : [canvas.colours.dim(title)];
  const lines = steps.flatMap(({ step, hosts }) => stepLines(step, hosts, picture, canvas));
  return phase.waves.length === 1 ? lines : [title, ...lines];
}

function stepLines(step: PlannedStep, hosts: readonly string[], picture: Picture, canvas: Canvas): string[] {
  const states = hosts.map((host) => stateOf(picture, step, host));
  const title = `    ${sign(states, false, canvas.colours)} ${visible(step.name)}  ${canvas.colours.dim(counts(states))}`;
  const worth = hosts.filter((host) =>
    ['running', 'failed', 'unreachable', 'unknown', 'undo_failed'].includes(stateOf(picture, step, host)),
  );
  return [title, ...worth.map((host) => hostLine(step, host, picture, canvas))];
}

function hostLine(step: PlannedStep, host: string, picture: Picture, canvas: Canvas): string {
  const task: TaskPicture = picture.tasks.get(taskKey(step.id, host)) ?? { state: 'pending', attempt: 0 };
  const took = task.since === undefined ? task.milliseconds : canvas.now - Date.parse(task.since);
  const said = canvas.tails.get(taskKey(step.id, host)) ?? task.summary?.trim().split('\n').at(-1) ?? '';
  const again = task.attempt > 1 ? ` (try ${task.attempt})` : '';
  const facts = [mark(task.state, canvas.colours), host + again, took === undefined ? '' : elapsed(took)].join(' ');
  return said === '' ? `        ${facts}` : `        ${facts}  ${canvas.colours.dim(visible(said))}`;
}

function stateOf(picture: Picture, step: PlannedStep, host: string): TaskState {
  return picture.tasks.get(taskKey(step.id, host))?.state ?? 'pending';
}

/** The sign of many tasks together: the worst of them, or that some still run. */
function sign(states: readonly TaskState[], through: boolean, colours: Colours): string {
  const order: readonly TaskState[] = ['running', 'failed', 'undo_failed', 'unknown', 'unreachable'];
  const telling = order.find((state) => states.includes(state));
  if (telling !== undefined) return mark(telling, colours);
  if (states.length > 0 && states.every((state) => state === 'pending')) return mark('pending', colours);
  if (states.includes('undone')) return mark('undone', colours);
  return through || !states.includes('pending') ? painted('ok', '✓', colours) : mark('running', colours);
}

function counts(states: readonly TaskState[]): string {
  const kinds = [...new Set(states)];
  return kinds.map((kind) => `${states.filter((state) => state === kind).length} ${kind.replace('_', ' ')}`).join(', ');
}

/** Cuts lines to the width, and the tree to the height: its last lines are where things happen. */
function fit(lines: readonly string[], { columns, rows }: Canvas): string[] {
  const most = Math.max(4, rows - 2);
  const shown = lines.length <= most ? lines : [lines[0] ?? '', '  …', ...lines.slice(lines.length - most + 2)];
  return shown.map((line) => cut(line, columns - 1));
}

/** Cuts to a width, counting no colour codes and ending those that are open. */
function cut(line: string, width: number): string {
  const pieces = line.split(/(\x1b\[\d+m)/);
  let left = width;
  let coloured = false;
  const kept = pieces.map((piece, index) => {
    if (index % 2 === 1) {
      coloured = true;
      return piece;
    }
    const part = [...piece].slice(0, left).join('');
    left -= [...part].length;
    return part;
  });
  return coloured && left === 0 ? `${kept.join('')}\x1b[0m` : kept.join('');
}
