import { InvalidArgumentError, Option } from 'commander';
import { summaries } from '../../../model/collect/series.js';
import type { MetricNamesAnswer, MetricsAnswer } from '../../../model/collected-answers.js';
import { parseDuration } from '../../../model/duration.js';
import { clientOf } from '../client-of.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import type { Register } from '../program.js';
import { say } from '../world.js';
import { asked, chooses, short, type Chosen } from './logs.js';

/** `belay metrics`: numbers that were collected from hosts. */
export const registerMetrics: Register = (program, world) => {
  const metrics = program.command('metrics').description('numbers that were collected from hosts');
  chooses(metrics.command('show').description('one number over time; where nothing was collected, the gap shows'))
    .argument('<name>', 'its name, such as load1; without labels it stands for all of them')
    .option('--every <time>', 'how much time makes a line; as it is collected, where absent', seconds)
    .addOption(new Option('--as <summary>', 'what is said of that time').choices(summaries).default('average'))
    .addOption(formatOption())
    .action(async (name: string, { output, every, as, ...chosen }: Chosen & Shown) => {
      const query = asked(chosen, { as, ...(every !== undefined && { every }) });
      const answer = await clientOf(world).get<MetricsAnswer>(`/v1/metrics/${encodeURIComponent(name)}?${query}`);
      say(world, output === 'table' ? seriesTable(answer) : structured(answer, output));
    });
  metrics
    .command('list')
    .description('names of what is collected, each with its last value')
    .option('--host <name>', 'of one host')
    .option('--source <name>', 'of one source')
    .addOption(formatOption())
    .action(async ({ output, ...chosen }: Chosen & { output: Format }) => {
      const answer = await clientOf(world).get<MetricNamesAnswer>(`/v1/metrics?${asked(chosen)}`);
      say(world, output === 'table' ? nameTable(answer) : structured(answer, output));
    });
};

interface Shown {
  readonly output: Format;
  readonly every?: string;
  readonly as: string;
}

function seconds(word: string): string {
  const parsed = parseDuration(word);
  if (parsed !== undefined && parsed >= 1) return String(Math.round(parsed));
  throw new InvalidArgumentError('It must be a length of time such as 5m.');
}

/** One line a stretch; empty ones that follow one another are one line. */
function seriesTable({ series }: MetricsAnswer): string {
  if (series.length === 0) return 'no such numbers';
  const rows = series.flatMap(({ host, name, points }) =>
    points
      .filter(([, value], index) => value !== null || points[index - 1]?.[1] !== null || index === 0)
      .map(([at, value]) => [host, name, short(at), value === null ? 'nothing collected' : number(value)]),
  );
  return table(['HOST', 'NAME', 'FROM (UTC)', 'VALUE'], rows);
}

function nameTable({ metrics }: MetricNamesAnswer): string {
  if (metrics.length === 0) return 'nothing is collected yet';
  const rows = metrics.map(({ host, source, name, at, value }) => [host, source, name, number(value), short(at)]);
  return table(['HOST', 'SOURCE', 'NAME', 'LAST VALUE', 'AT (UTC)'], rows);
}

function number(value: number): string {
  return String(Number(value.toPrecision(12)));
}
