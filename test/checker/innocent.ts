import type { Facts, HistoryFacts, LedgerLine, RunFacts, TaskFacts } from '../chaos/checker/facts.js';

/** A thing of which everything may be changed. */
export type Plantable<T> = T extends object ? { -readonly [key in keyof T]: Plantable<T[key]> } : T;

const parts = ['check', 'capture', 'do', 'verify'];

/** Two steps on two hosts, done, acknowledged and agreed upon by everybody. */
export function innocent(): Plantable<Facts> {
  const tasks = ['one', 'two'].flatMap((step, position) => ['a', 'b'].map((host) => taskOf(step, host, position)));
  const run: RunFacts = { run: 'r-1', state: 'succeeded', ended: 190, lastEvent: 7, events: 7, undone: [], tasks };
  const history: HistoryFacts = {
    workflow: 'run:r-1:0:0',
    run: 'r-1',
    status: 'COMPLETED',
    endings: tasks.map(({ step, host }) => ({ step, host, attempt: 1, ending: 'done' })),
  };
  return {
    ledger: ['a', 'b'].flatMap((host) => ['one', 'two'].flatMap((step, index) => linesOf(step, host, index))),
    directory: [],
    runs: [run],
    verbs: [{ id: 'v-1', run: 'r-1', verb: 'pause', settled: true, accepted: false }],
    histories: [history],
    acknowledged: [
      { what: 'run', id: 'r-1' },
      { what: 'verb', id: 'v-1' },
    ],
  } satisfies Facts as unknown as Plantable<Facts>;
}

function taskOf(step: string, host: string, position: number): TaskFacts {
  return {
    step,
    host,
    order: [0, 0, position],
    state: 'changed',
    byWord: false,
    repeatable: false,
    noted: true,
    directory: false,
    intents: [{ part: 'do', undo: 0, attempt: 1, at: 100 + position * 50 }],
    results: [{ attempt: 1, ending: 'done', exit: 0 }],
  };
}

function linesOf(step: string, host: string, index: number): LedgerLine[] {
  return parts.flatMap((part, place) =>
    (['begin', 'end'] as const).map((moment, half) => {
      const number = index * 8 + place * 2 + half;
      const at = 101 + index * 50 + place * 2 + half;
      return { host, place: number, at, run: 'r-1', step, part, attempt: 1, moment };
    }),
  );
}
