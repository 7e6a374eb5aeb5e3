import type { Plan } from '../../../model/plan.js';
import type { RunEvent } from '../../../model/record.js';
import type { TaskState } from '../../../model/states.js';
import type { Colours } from '../colour.js';
import { visible } from '../visible.js';
import { elapsed, painted } from './marks.js';
import { text, troubleOf } from './picture.js';
import { troubleWords } from './trouble-words.js';
import { waitsForOthers } from './waits.js';

/** One event as a line of its own, for where there is no terminal; none for events that say nothing new. */
export function line(event: RunEvent, plan: Plan, colours: Colours): string | undefined {
  const words = phrases[event.kind]?.(event.data, plan, colours);
  return words === undefined ? undefined : `${colours.dim(event.at.slice(11, 19))}  ${words}`;
}

type Data = RunEvent['data'];

const phrases: Readonly<Record<string, (data: Data, plan: Plan, colours: Colours) => string | undefined>> = {
  'run-started': (data) => `run of ${text(data['runbook'])} committed by ${text(data['by'])}`,
  'run-moved': (data) => `run: ${moved(data)}`,
  'phase-finished': (data, plan) => `phase ${phaseName(plan, data['phase'])} is through`,
  'step-started': (data, plan) => `${stepName(plan, data)}: begins on ${hosts(data)}`,
  'task-ended': (data, plan, colours) => `${task(data, plan)}: ${ended(data, colours)}`,
  'trying-again': (data) => troubleWords(troubleOf(data)),
  'trying-ended': (data) => (data['goesOn'] === true ? 'it goes on' : 'it is not tried again any more'),
  'task-settled': (data, plan) =>
    `${task(data, plan)}: ${text(data['state'])} by ${text(data['by'])}: ${visible(text(data['because']))}`,
  'tasks-reopened': (data) =>
    `${(data['tasks'] as readonly unknown[]).length} tasks are due again, said ${text(data['by'])}`,
  'output-full': (data, plan) => `${task(data, plan)}: its output is full; the rest is only counted`,
  'approval-asked': (data, plan) => `phase ${phaseName(plan, data['phase'])} asks for approval`,
  'gate-opened': (data, plan) => `phase ${phaseName(plan, data['phase'])} is approved`,
  'verb-said': (data) => `${text(data['verb'])}, said ${text(data['by'])}`,
  'verb-settled': (data) => `${text(data['verb'])}: ${visible(text(data['because']))}`,
  'host-excluded': (data) =>
    `${text(data['host'])} is excluded by ${text(data['by'])}: ${visible(text(data['because']))}`,
  'plan-changed': (data) =>
    `the plan is ${text(data['to']).slice(0, 12)} now, changed by ${text(data['by'])}: ${visible(text(data['because']))}`,
  'undo-started': (data) => `undo ${text(data['undo'])}${part(data)} begins, asked for by ${text(data['by'])}`,
  'undo-step-started': (data, plan) => `${stepName(plan, data)}: goes back on ${hosts(data)}`,
  'task-undone': (data, plan) => `${task(data, plan)}: ${text(data['outcome'])} ${known(data)}`.trimEnd(),
  'service-restarted': (data, plan) =>
    `${task(data, plan)}: restart of ${visible(text(data['service']))}: ${text(data['outcome'])} ${known(data)}`.trimEnd(),
  'undo-finished': (data) => `undo ${text(data['undo'])}: ${text(data['state'])}`,
};

function moved(data: Data): string {
  const reasons = [
    waitsForOthers({ state: text(data['to']), standing: data }) ? undefined : data['for'],
    data['because'],
  ]
    .filter((reason) => reason !== undefined)
    .map((reason) => visible(text(reason)));
  return [text(data['to']), ...reasons].join(', ');
}

/** Which part of a run goes back; nothing where all of it does. */
function part(data: Data): string {
  if (data['to'] !== undefined) return ` back to ${text(data['to'])}`;
  return data['host'] === undefined ? '' : ` on ${text(data['host'])}`;
}

function ended(data: Data, colours: Colours): string {
  const state = text(data['state']);
  const took = typeof data['milliseconds'] === 'number' ? ` (${elapsed(data['milliseconds'])})` : '';
  return `${painted(state as TaskState, state, colours)}${took} ${known(data)}`.trimEnd();
}

/** What a failure says, else the summary's last line. */
function known(data: Data): string {
  const failure = data['failure'] as { kind?: string; known?: string; next?: string; hints?: string[] } | undefined;
  if (failure?.kind !== undefined)
    return visible(`${failure.kind}: ${failure.known ?? ''}; ${failure.next ?? ''}${hintWords(failure.hints)}`);
  return visible(text(data['summary']).trim().split('\n').at(-1) ?? '');
}

/** What the runbook's author advises, to be put after what is known. */
function hintWords(hints: readonly string[] = []): string {
  return hints.map((hint) => ` | hint: ${hint}`).join('');
}

function task(data: Data, plan: Plan): string {
  return `${text(data['host'])}: ${stepName(plan, data)}`;
}

function hosts(data: Data): string {
  const names = (data['attempts'] as unknown as readonly { host: string }[]).map((attempt) => attempt.host);
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

function stepName(plan: Plan, data: Data): string {
  const id = text(data['step']);
  const step = plan.phases.flatMap((phase) => phase.steps).find((one) => one.id === id);
  return step === undefined ? id : `${visible(step.name)} [${id}]`;
}

function phaseName(plan: Plan, index: unknown): string {
  const name = plan.phases[Number(index)]?.name;
  return `${Number(index) + 1}${name === undefined ? '' : ` (${visible(name)})`}`;
}
