import type { Command } from 'commander';
import type { RunRow, RunsAnswer } from '../../../model/answers.js';
import { clientOf } from '../client-of.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import { positive } from '../inputs.js';
import { waitsForOthers } from '../watch/waits.js';
import { say, type World } from '../world.js';

/** `belay run list`: newest first. */
export function addList(run: Command, world: World): void {
  run
    .command('list')
    .description('runs, newest first')
    .option('--waiting', 'only those that wait for somebody')
    .option('--limit <n>', 'how many', positive, 50)
    .addOption(formatOption())
    .action(async (options: { waiting?: boolean; limit: number; output: Format }) => {
      const query = new URLSearchParams({ limit: String(Math.min(200, options.limit)) });
      if (options.waiting === true) query.set('waiting', 'true');
      const answer = await clientOf(world).get<RunsAnswer>(`/v1/runs?${query}`);
      say(world, options.output === 'table' ? runTable(answer.runs) : structured(answer, options.output));
    });
}

function runTable(runs: readonly RunRow[]): string {
  if (runs.length === 0) return 'no runs';
  const rows = runs.map((run) => [run.run, stands(run), run.startedAt.slice(0, 19).replace('T', ' '), run.by]);
  return table(['RUN', 'STATE', 'STARTED (UTC)', 'BY'], rows);
}

/** The state in words, with what the run waits for. */
export function stands(run: RunRow): string {
  const { for: waitsFor, because } = run.standing;
  if (waitsForOthers(run) && typeof because === 'string') return because;
  return run.state === 'waiting' && typeof waitsFor === 'string' ? `waiting for ${waitsFor}` : run.state;
}
