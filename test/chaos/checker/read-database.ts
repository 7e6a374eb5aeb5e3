import { Client } from 'pg';
import type { RunFacts, TaskFacts, VerbFacts } from './facts.js';

interface RunRow {
  readonly run: string;
  readonly state: string;
  readonly ended: number | null;
  readonly last: number;
  readonly events: number;
  readonly plan: {
    inputs: Record<string, unknown>;
    phases: { steps: { id: string; repeatable: boolean; operations: { on: string }[] }[] }[];
  };
}
type TaskRow = Pick<TaskFacts, 'step' | 'host' | 'state'> & {
  readonly run: string;
  readonly order: [number, number, number];
  readonly word: string | null;
};
type OfTask = { readonly run: string; readonly step: string; readonly host: string };
type IntentRow = OfTask & TaskFacts['intents'][number];
type ResultRow = OfTask & { readonly attempt: number; readonly ending: string; readonly exit: number | null };
type UndoRow = { readonly run: string; readonly undo: number; readonly ended: number | null };

/** Everything that Belay's database says, by this program's own questions. */
export async function readDatabase(url: string): Promise<{ runs: RunFacts[]; verbs: VerbFacts[] }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const ask = async <T extends object>(sql: string): Promise<T[]> => (await client.query<T>(sql)).rows;
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const rows = {
      runs: await ask<RunRow>(
        `select run, state, extract(epoch from ended_at)::float8 as ended, last_event::int as last, plan,
           (select count(distinct sequence)::int from events where events.run = runs.run) as events
         from runs join plans on hash = plan_hash`,
      ),
      tasks: await ask<TaskRow>(
        `select run, step, host, state, settled_by as word, array[phase, wave, position] as order from tasks`,
      ),
      intents: await ask<IntentRow>(
        `select run, step, host, part, undo, attempt, extract(epoch from at)::float8 as at from intents`,
      ),
      results: await ask<ResultRow>(`select run, step, host, attempt, ending, exit from results`),
      undos: await ask<UndoRow>(`select run, undo, extract(epoch from ended_at)::float8 as ended from undos`),
    };
    const verbs = await ask<VerbFacts>(
      `select id, run, verb, settled_at is not null as settled, coalesce(accepted, false) as accepted from verbs`,
    );
    return { runs: rows.runs.map((run) => runOf(run, rows)), verbs };
  } finally {
    await client.end();
  }
}

interface Rows {
  readonly tasks: readonly TaskRow[];
  readonly intents: readonly IntentRow[];
  readonly results: readonly ResultRow[];
  readonly undos: readonly UndoRow[];
}

function runOf({ run, state, ended, last, events, plan }: RunRow, rows: Rows): RunFacts {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  return {
    run,
    state,
    ...(typeof plan.inputs['mark'] === 'string' ? { mark: plan.inputs['mark'] } : {}),
    ...(ended === null ? {} : { ended }),
    lastEvent: last,
    events,
    undone: rows.undos
      .filter((one) => one.run === run)
      .map(({ undo, ended: end }) => ({ undo, ...(end === null ? {} : { ended: end }) })),
    tasks: rows.tasks.filter((task) => task.run === run).map((task) => taskOf(task, steps, rows)),
  };
}

function taskOf(task: TaskRow, steps: RunRow['plan']['phases'][number]['steps'], rows: Rows): TaskFacts {
  const mine = ({ run, step, host }: OfTask): boolean => run === task.run && step === task.step && host === task.host;
  const step = steps.find((one) => one.id === task.step);
  return {
    step: task.step,
    host: task.host,
    order: task.order,
    state: task.state,
    byWord: task.word !== null,
    repeatable: step?.repeatable === true,
    noted: step?.operations.every((operation) => operation.on === 'host') === true,
    directory: step?.operations.some((operation) => operation.on === 'ldap') === true,
    intents: rows.intents.filter(mine),
    results: rows.results
      .filter(mine)
      .map(({ attempt, ending, exit }) => ({ attempt, ending, ...(exit === null ? {} : { exit }) })),
  };
}
