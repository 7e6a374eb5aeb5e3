import type { EntityManager } from 'typeorm';
import type { Result } from '../model/record.js';
import { stateAfterResult, type TaskState } from '../model/states.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';
import { forgiveRestarts } from './owed.js';
import { rows, transaction } from './query.js';
import { StaleHolder, UnknownTask } from './refusals.js';
import { lockRun } from './run-row.js';
import { json, storableText } from './storable.js';
import type { ResultRow, TaskRow } from './tables/tasks.js';
import { appendEvents, type NewEvent } from './write-events.js';

/** A result, and the holder under which it was got, where there was one. */
export type HeldResult = Result & { readonly holder?: number };

/** A result that did not count, and why. */
export interface IgnoredResult {
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  readonly because: 'recorded-before' | 'later-attempt' | 'stale-holder' | 'settled-by-word';
}

/**
 * Writes results in one batch, with the states, values and events they lead to. The first result of an attempt
 * counts; writing it again is harmless.
 *
 * @returns the results that did not count
 * @throws UnknownRun, UnknownTask; StaleHolder where a crash of the server has taken the beginning of an attempt back
 */
export async function writeResults(db: Database, results: readonly HeldResult[]): Promise<IgnoredResult[]> {
  const runs = [...new Set(results.map(({ run }) => run))].sort();
  return transaction(db, async (manager) => {
    const ignored: IgnoredResult[] = [];
    for (const run of runs) {
      await lockRun(manager, run);
      ignored.push(
        ...(await writeRunsResults(
          manager,
          run,
          results.filter((result) => result.run === run),
        )),
      );
    }
    return ignored;
  });
}

interface Judged {
  readonly result: HeldResult;
  /** Undefined where it counts. */
  readonly because: IgnoredResult['because'] | undefined;
  readonly state: TaskState;
}

/** As {@link writeResults}, of one run that is locked, in the caller's transaction. */
export async function writeRunsResults(
  manager: EntityManager,
  run: string,
  results: readonly HeldResult[],
): Promise<IgnoredResult[]> {
  const tasks = await tasksOf(manager, run, results);
  const judged = results.map((result) => judge(result, tasks));
  await insertResults(
    manager,
    judged.filter(isEvidence).map(({ result }) => result),
  );
  const counted = judged.filter(({ because }) => because === undefined);
  await setStates(manager, run, counted);
  const unchanged = counted.filter(({ result }) => result.ending === 'ok');
  await forgiveRestarts(
    manager,
    run,
    unchanged.map(({ result: { step, host, attempt } }) => ({ step, host, attempt })),
  );
  await appendEvents(manager, run, judged.flatMap(eventOf));
  return judged.flatMap(({ result: { step, host, attempt }, because }) =>
    because === undefined ? [] : [{ step, host, attempt, because }],
  );
}

type TaskWithResult = TaskRow & { readonly recorded: number[] };

async function tasksOf(
  manager: EntityManager,
  run: string,
  results: readonly HeldResult[],
): Promise<Map<string, TaskWithResult>> {
  const found = await rows<TaskWithResult>(
    manager,
    `select tasks.*, array(
       select attempt from results r where r.run = tasks.run and r.step = tasks.step and r.host = tasks.host
     ) as recorded
     from tasks where run = $1 and (step, host) in (
       select step, host from jsonb_to_recordset($2::jsonb) as named (step text, host text)
     ) order by step, host for no key update`,
    [run, json(results.map(({ step, host }) => ({ step, host })))],
  );
  return new Map(found.map((task) => [`${task.step}@${task.host}`, task]));
}

function judge(result: HeldResult, tasks: ReadonlyMap<string, TaskWithResult>): Judged {
  const task = tasks.get(`${result.step}@${result.host}`);
  if (!task) throw new UnknownTask(result.step, result.host);
  // Its beginning, which need not have waited for the disk, is gone with a crash of the server: so may be what was before.
  if (result.holder !== undefined && result.holder > task.holder)
    throw new StaleHolder(result.host, result.holder, task.holder);
  const state = stateAfterResult(result.ending, result.reads ?? false);
  const undone = task.state === 'undone' || task.state === 'undo_failed';
  return { result, because: whyIgnored(result, task), state: undone ? task.state : state };
}

function whyIgnored(result: HeldResult, task: TaskWithResult): IgnoredResult['because'] | undefined {
  if (task.recorded.includes(result.attempt)) return 'recorded-before';
  if (result.attempt < task.attempt || result.attempt <= task.attempts_before) return 'later-attempt';
  if (result.holder !== undefined && result.holder < task.holder) return 'stale-holder';
  return task.settled_by === null ? undefined : 'settled-by-word';
}

/** What an operator has settled by word still ended somehow, and undo wants to know how. */
function isEvidence({ because }: Judged): boolean {
  return because === undefined || because === 'settled-by-word';
}

async function insertResults(manager: EntityManager, results: readonly HeldResult[]): Promise<void> {
  await rows(
    manager,
    `insert into results (run, step, host, attempt, ending, exit, milliseconds, summary, failure, registered,
       pre_image, post_image)
     select run, step, host, attempt, ending, exit, round(milliseconds), summary, failure, registered,
       "preImage", "postImage"
     from jsonb_to_recordset($1::jsonb) as result (run text, step text, host text, attempt integer, ending text,
       exit integer, milliseconds double precision, summary text, failure jsonb, registered jsonb, "preImage" text,
       "postImage" text)
     on conflict do nothing`,
    [json(results.map((result) => ({ ...result, summary: shortened(result.summary) })))],
  );
}

/** At most 512 bytes of UTF-8 as they will be kept, cut between characters. */
function shortened(summary: string): string {
  const text = storableText(summary);
  const bytes = Buffer.from(text);
  if (bytes.length <= 512) return text;
  let end = 512;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString('utf8');
}

async function setStates(manager: EntityManager, run: string, counted: readonly Judged[]): Promise<void> {
  const states = counted.map(({ result: { step, host, attempt }, state }) => ({ step, host, attempt, state }));
  await rows(
    manager,
    `update tasks set state = ended.state, attempt = ended.attempt
     from jsonb_to_recordset($2::jsonb) as ended (step text, host text, attempt integer, state text)
     where run = $1 and tasks.step = ended.step and tasks.host = ended.host`,
    [run, json(states)],
  );
}

function eventOf({ result, because, state }: Judged): NewEvent[] {
  const { step, host, attempt, ending, milliseconds, exit, failure } = result;
  if (because === 'recorded-before') return [];
  if (because !== undefined) return [{ kind: 'result-ignored', data: { step, host, attempt, because } }];
  const data = {
    step,
    host,
    attempt,
    ending,
    state,
    milliseconds,
    summary: shortened(result.summary),
  };
  return [
    {
      kind: 'task-ended',
      data: { ...data, ...(exit === undefined ? {} : { exit }), ...(failure ? { failure: { ...failure } } : {}) },
    },
  ];
}

/** The results of a step, by attempt. */
export async function readResults(db: Database, run: string, step: string): Promise<Result[]> {
  const found = await rows<ResultRow>(db, 'select * from results where run = $1 and step = $2 order by attempt, host', [
    run,
    step,
  ]);
  return found.map(resultOf);
}

export function resultOf(row: ResultRow): Result {
  const { run, step, host, attempt, ending, milliseconds, summary, registered, exit, failure } = row;
  return {
    ...{ run, step, host, attempt, ending, milliseconds, summary, registered },
    ...(exit === null ? {} : { exit }),
    ...(failure === null ? {} : { failure }),
    ...(row.pre_image === null ? {} : { preImage: row.pre_image }),
    ...(row.post_image === null ? {} : { postImage: row.post_image }),
  };
}

/** What was registered, by step, host and name, from the newest attempts. */
export async function readBindings(
  db: Database,
  run: string,
): Promise<Record<string, Record<string, Record<string, Value>>>> {
  const found = await rows<Pick<ResultRow, 'step' | 'host' | 'registered'>>(
    db,
    `select distinct on (step, host) step, host, registered from results
     where run = $1 order by step, host, attempt desc`,
    [run],
  );
  const bindings: Record<string, Record<string, Record<string, Value>>> = {};
  for (const { step, host, registered } of found) {
    if (Object.keys(registered).length > 0) (bindings[step] ??= {})[host] = registered;
  }
  return bindings;
}
