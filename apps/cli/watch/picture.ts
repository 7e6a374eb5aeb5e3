import type { RunEvent, Trouble } from '../../../model/record.js';
import type { RunState, TaskState } from '../../../model/states.js';
import type { Value } from '../../../model/value.js';

/** How one task stands, as far as events have told. */
export interface TaskPicture {
  readonly state: TaskState;
  readonly attempt: number;
  /** ISO 8601: when its present attempt began. */
  readonly since?: string;
  readonly milliseconds?: number;
  readonly summary?: string;
}

/** How a run stands after some of its events. */
export interface Picture {
  state: RunState;
  /** What the last move said about itself. */
  standing: Readonly<Record<string, Value>>;
  startedAt?: string;
  lastAt?: string;
  readonly tasks: Map<string, TaskPicture>;
  /** What is being tried again, by the name of the work. */
  readonly troubles: Map<string, Trouble>;
  readonly finishedPhases: Set<number>;
}

export const taskKey = (step: string, host: string): string => `${step}@${host}`;

export function emptyPicture(): Picture {
  return { state: 'planned', standing: {}, tasks: new Map(), troubles: new Map(), finishedPhases: new Set() };
}

type Data = Readonly<Record<string, Value>>;
type Attempt = { readonly host: string; readonly attempt: number };

/** Carries one event into the picture. Events of a kind that it does not know change nothing. */
export function apply(picture: Picture, event: RunEvent): void {
  picture.lastAt = event.at;
  changes[event.kind]?.(picture, event.data, event.at);
}

const changes: Readonly<Record<string, (picture: Picture, data: Data, at: string) => void>> = {
  'run-started': (picture, _, at) => {
    picture.startedAt = at;
  },
  'run-moved': (picture, data) => {
    picture.state = data['to'] as RunState;
    const { from: _from, to: _to, ...standing } = data;
    picture.standing = standing;
    if (picture.state !== 'pausing') picture.troubles.clear();
  },
  'trying-again': (picture, data) => {
    picture.troubles.set(text(data['work']), troubleOf(data));
  },
  'trying-ended': (picture, data) => {
    picture.troubles.delete(text(data['work']));
  },
  'phase-finished': (picture, data) => {
    picture.finishedPhases.add(Number(data['phase']));
  },
  'step-started': begun('running'),
  'undo-step-started': begun('running'),
  'task-ended': (picture, data) => {
    put(picture, data, {
      state: data['state'] as TaskState,
      attempt: Number(data['attempt']),
      milliseconds: Number(data['milliseconds'] ?? 0),
      summary: known(data),
    });
  },
  'task-settled': (picture, data) => {
    const attempt = picture.tasks.get(taskKey(text(data['step']), text(data['host'])))?.attempt ?? 0;
    put(picture, data, { state: data['state'] as TaskState, attempt, summary: text(data['because']) });
  },
  'tasks-reopened': (picture, data) => {
    for (const task of data['tasks'] as unknown as readonly { step: string; host: string }[]) {
      const attempt = picture.tasks.get(taskKey(task.step, task.host))?.attempt ?? 0;
      put(picture, { ...task }, { state: 'pending', attempt });
    }
    const again = data['phase'];
    if (typeof again === 'number')
      for (const phase of picture.finishedPhases) if (phase >= again) picture.finishedPhases.delete(phase);
  },
  'host-excluded': (picture, data) => {
    for (const step of data['skipped'] as readonly string[]) {
      const before = picture.tasks.get(taskKey(step, text(data['host'])));
      const summary = `excluded: ${text(data['because'])}`;
      put(picture, { step, host: data['host'] ?? '' }, { state: 'skipped', attempt: before?.attempt ?? 0, summary });
    }
  },
  'task-undone': (picture, data) => {
    const state = undoStates[text(data['outcome'])];
    const before = picture.tasks.get(taskKey(text(data['step']), text(data['host'])));
    put(picture, data, {
      state: state ?? before?.state ?? 'unknown',
      attempt: before?.attempt ?? 0,
      summary: known(data),
    });
  },
};

const undoStates: Readonly<Record<string, TaskState>> = {
  undone: 'undone',
  undo_failed: 'undo_failed',
  decide: 'undo_failed',
};

/** What an event says of trouble. */
export function troubleOf({ since, because, step }: Data): Trouble {
  return { since: text(since), because: text(because), ...(step === undefined ? {} : { step: text(step) }) };
}

function begun(state: TaskState) {
  return (picture: Picture, data: Data, at: string): void => {
    for (const { host, attempt } of data['attempts'] as unknown as readonly Attempt[]) {
      put(picture, { step: data['step'] ?? '', host }, { state, attempt, since: at });
    }
  };
}

function put(picture: Picture, name: Data, task: TaskPicture): void {
  picture.tasks.set(taskKey(text(name['step']), text(name['host'])), task);
}

/** What is known: what a failure says, else what the task said of itself. */
function known(data: Data): string {
  const failure = data['failure'] as { known?: string; next?: string; hints?: string[] } | undefined;
  if (failure === undefined) return text(data['summary']);
  // A line of the tree is cut at the terminal's edge, and what the author advises says most.
  const hints = (failure.hints ?? []).map((hint) => `hint: ${hint}; `).join('');
  return `${hints}${failure.known ?? ''}; ${failure.next ?? ''}`;
}

/** A value from an event as text; nothing where it is none. */
export function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}
