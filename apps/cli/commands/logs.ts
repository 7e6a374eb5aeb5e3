import { InvalidArgumentError, type Command } from 'commander';
import type { LogsAnswer, SourcesAnswer } from '../../../model/collected-answers.js';
import { formatDuration, parseDuration } from '../../../model/duration.js';
import { clientOf } from '../client-of.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import { positive } from '../inputs.js';
import type { Register } from '../program.js';
import { visible } from '../visible.js';
import { say, type World } from '../world.js';

/** How sources and times are chosen, the same for records and numbers. */
export interface Chosen {
  readonly host?: string;
  readonly source?: string;
  readonly label?: readonly string[];
  readonly since?: string;
  readonly until?: string;
}

/** `belay logs`: what was collected of files. */
export const registerLogs: Register = (program, world) => {
  const logs = program.command('logs').description('records that were collected from files of hosts');
  chooses(logs.command('search').description('finds records, newest last'))
    .argument('[text]', 'a part of the record, in letters of either case')
    .option('--limit <n>', 'how many', positive, 100)
    .addOption(formatOption())
    .action(async (text: string | undefined, options: Chosen & { limit: number; output: Format }) =>
      search(world, text, options),
    );
  logs
    .command('sources')
    .description('what is collected, how far, and for how long it is kept')
    .addOption(formatOption())
    .action(async ({ output }: { output: Format }) => {
      const answer = await clientOf(world).get<SourcesAnswer>('/v1/sources');
      say(world, output === 'table' ? sourceTable(answer) : structured(answer, output));
    });
};

/** Adds the options by which sources and times are chosen. */
export function chooses(command: Command): Command {
  return command
    .option('--host <name>', 'of one host')
    .option('--source <name>', 'of one source, such as oxauth')
    .option('--label <name=value>', 'of sources with that label; repeat it for several', collect)
    .option('--since <time>', 'from when on: 2h, 3d, or 2026-01-31T12:00:00Z; a day where absent', moment)
    .option('--until <time>', 'up to when', moment);
}

function collect(word: string, before: readonly string[] = []): string[] {
  if (!/^[a-z][a-z0-9_]*=[^,]*$/.test(word)) throw new InvalidArgumentError('It must look like name=value.');
  return [...before, word];
}

function moment(word: string): string {
  const seconds = parseDuration(word);
  const at = new Date(seconds === undefined ? word : Date.now() - seconds * 1000);
  if (seconds === undefined && !/^\d{4}-\d\d-\d\d/.test(word)) throw new InvalidArgumentError(noTime);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError(noTime);
  return at.toISOString();
}

const noTime = 'It must be how long ago, such as 2h, or a time such as 2026-01-31T12:00:00Z.';

/** What was chosen, as the API is asked for it. */
export function asked(
  { host, source, label, since, until }: Chosen,
  more: Record<string, string> = {},
): URLSearchParams {
  const query = new URLSearchParams(more);
  const words = { host, source, labels: label?.join(','), since, until };
  for (const [name, word] of Object.entries(words)) if (word !== undefined) query.set(name, word);
  return query;
}

/** In pages, until there are as many as are wanted. */
async function search(
  world: World,
  text: string | undefined,
  { limit, output, ...chosen }: Chosen & { readonly limit: number; readonly output: Format },
): Promise<void> {
  const records: LogsAnswer['records'][number][] = [];
  const client = clientOf(world);
  let answer: LogsAnswer | undefined;
  do {
    const query = asked(chosen, { limit: String(Math.min(1000, limit - records.length)) });
    if (text !== undefined) query.set('text', text);
    if (answer?.next !== undefined) query.set('before', answer.next);
    answer = await client.get<LogsAnswer>(`/v1/logs?${query}`);
    records.push(...answer.records);
  } while (answer.next !== undefined && records.length < limit);
  if (output !== 'table') return say(world, structured({ ...answer, records }, output));
  for (const record of records.reverse()) say(world, line(record));
  if (records.length === 0) say(world, 'no such records');
  for (const gap of answer.gaps)
    world.err.write(
      visible(
        `gap: ${gap.host} ${gap.source} ${gap.path}, ${short(gap.since)} to ${short(gap.until)}: ${gap.because}`,
      ) + '\n',
    );
}

function line({ at, host, source, text, cut }: LogsAnswer['records'][number]): string {
  const left = cut > 0 ? ` [${cut} bytes left out]` : '';
  return `${short(at)} ${visible(host)} ${visible(source)}: ${text.split('\n').map(visible).join('\n    ')}${left}`;
}

/** A time of UTC, to the second. */
export function short(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

function sourceTable({ sources }: SourcesAnswer): string {
  if (sources.length === 0) return 'nothing is collected yet';
  const headings = [
    'HOST',
    'SOURCE',
    'KIND',
    'KEPT FOR',
    'OLDEST (UTC)',
    'LOOKED AT (UTC)',
    'BEHIND',
    'GAPS',
    'DELETED',
  ];
  const rows = sources.map((one) => [
    one.host,
    one.source,
    one.kind,
    formatDuration(one.keep),
    one.oldest === undefined ? '-' : short(one.oldest),
    short(one.lookedAt),
    String(one.behind),
    String(one.gaps),
    String(one.deleted),
  ]);
  return table(headings, rows);
}
