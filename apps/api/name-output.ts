import { listOutputs, type OutputName } from '../../database/output.js';
import { readTasks } from '../../database/tasks.js';
import type { TaskName } from '../../model/record.js';
import type { OutputQuery } from './bodies.js';
import { Problem } from './problem.js';
import type { Records } from './records.js';

/**
 * The stream that a request means: of the last attempt and the last undo, where it names none.
 *
 * @throws Problem `task/unknown`
 */
export async function nameOutput(
  { database }: Records,
  { run, step, host }: TaskName,
  { stream, part, attempt: wanted }: OutputQuery,
): Promise<OutputName> {
  const streams = await listOutputs(database, { run, step, host });
  const written = streams.filter(
    (one) => one.part === part && one.stream === stream && (wanted === undefined || one.attempt === wanted),
  );
  const last = written.at(-1);
  if (last !== undefined) {
    const { attempt, undo } = last;
    return { run, step, host, part, stream, attempt, ...(undo !== undefined && { undo }) };
  }
  const task = (await readTasks(database, run)).find((one) => one.step === step && one.host === host);
  if (task === undefined) throw new Problem('task/unknown', `the run ${run} has no step ${step} on ${host}`);
  return { run, step, host, part, stream, attempt: wanted ?? task.attempt };
}
