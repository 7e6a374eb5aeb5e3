import type { Command } from 'commander';
import type { RunAnswer, TasksAnswer } from '../../../model/answers.js';
import { clientOf } from '../client-of.js';
import { exitCodeOf } from '../exit-codes.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import { visible } from '../visible.js';
import { recap } from '../watch/recap.js';
import { troubleWords } from '../watch/trouble-words.js';
import { whatNow } from '../watch/what-now.js';
import { waitsForOthers } from '../watch/waits.js';
import { say, type World } from '../world.js';
import { stands } from './run-list.js';

/** `belay run show`: where a run stands, and every task that did not go well. */
export function addShow(run: Command, world: World): void {
  run
    .command('show')
    .description('where a run stands')
    .argument('<run>', 'its name, or the beginning of it')
    .option('--exit-code', 'end with the exit code of the run')
    .addOption(formatOption())
    .action(async (prefix: string, options: { exitCode?: boolean; output: Format }) => {
      const client = clientOf(world);
      const shown = await client.get<RunAnswer>(`/v1/runs/${encodeURIComponent(prefix)}`);
      const { tasks } = await client.get<TasksAnswer>(`/v1/runs/${shown.run}/tasks`);
      const answer = { ...shown, tasks };
      say(
        world,
        options.output === 'table'
          ? page(shown, tasks, await whatNow(client, shown))
          : structured(answer, options.output),
      );
      if (options.exitCode === true)
        world.exitWith(
          exitCodeOf(
            shown.state,
            tasks.map((task) => task.state),
          ),
        );
    });
}

function page(run: RunAnswer, tasks: TasksAnswer['tasks'], advice: readonly string[]): string {
  const because = run.standing['because'];
  const facts = [
    ['run', run.run],
    ['runbook', run.runbook],
    ['state', typeof because === 'string' && !waitsForOthers(run) ? `${stands(run)} (${because})` : stands(run)],
    ['plan', run.planHash],
    ...run.planChanges.map(({ from, by, because }) => [
      '',
      `before ${from.slice(0, 12)}, changed by ${by}: ${because}`,
    ]),
    ...(run.tryingAgain ?? []).map((trouble) => ['trouble', troubleWords(trouble)]),
    ['started', `${run.startedAt} by ${run.by}`],
    ...(run.endedAt === undefined ? [] : [['ended', run.endedAt]]),
    ...run.excluded.map(({ host, by, because }) => ['out', `${host}, excluded by ${by}: ${because}`]),
    ...(run.undo === undefined ? [] : [['undo', `number ${run.undo.number}${run.undo.open ? ', going on' : ''}`]]),
  ];
  const lines = facts.map(([name = '', fact = '']) => `${name.padEnd(9)}${visible(fact)}\n`);
  return [
    ...lines,
    '\n',
    recap(tasks, run.excluded),
    troubles(tasks),
    whatIsLeft(tasks),
    ...advice.map((line) => `${line}\n`),
  ].join('');
}

/** Tasks that did not go well, with what is known and what to do next. */
export function troubles(tasks: TasksAnswer['tasks']): string {
  const bad = tasks.filter((task) => ['failed', 'unreachable', 'unknown', 'undo_failed'].includes(task.state));
  if (bad.length === 0) return '';
  const rows = bad.map((task) => [
    task.step,
    task.host,
    task.state,
    task.failure === undefined
      ? (task.summary ?? '')
      : `${task.failure.kind}: ${task.failure.known}; ${task.failure.next}`,
  ]);
  return `\n${table(['STEP', 'HOST', 'STATE', 'WHAT IS KNOWN'], rows)}${hintLines(bad)}`;
}

/** Tasks that an undo has left as they were, with the reason. */
function whatIsLeft(tasks: TasksAnswer['tasks']): string {
  const rows = tasks.flatMap(({ step, host, left }) =>
    left === undefined ? [] : [[step, host, String(left.undo), left.because]],
  );
  return rows.length === 0 ? '' : `\n${table(['LEFT AS IT IS', 'HOST', 'UNDO', 'WHY'], rows)}`;
}

/** What the runbook's author advises for the errors it knows, once, with the tasks that met them. */
function hintLines(bad: TasksAnswer['tasks']): string {
  const met = new Map<string, string[]>();
  for (const { step, host, failure } of bad)
    for (const hint of failure?.hints ?? []) met.set(hint, [...(met.get(hint) ?? []), `${step} on ${host}`]);
  if (met.size === 0) return '';
  return `\n${table(
    ['HINT', 'FOR'],
    [...met].map(([hint, tasks]) => [hint, tasks.join(', ')]),
  )}`;
}
