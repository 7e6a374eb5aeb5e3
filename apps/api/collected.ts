import type { findGaps, FoundRecord, FoundValues, listSources, SourceFilter } from '../../database/collected.js';
import { series, type Summary } from '../../model/collect/series.js';
import type { LogsAnswer, MetricsAnswer, SourcesAnswer } from '../../model/collected-answers.js';
import { Problem } from './problem.js';

type Found<F extends (...words: never[]) => Promise<readonly unknown[]>> = Awaited<ReturnType<F>>[number];

const day = 86_400_000;
/** Points of a series. */
const most = { usual: 1_000, asked: 10_000 };

/** Which sources a request means. */
export function within(query: {
  readonly host?: string | undefined;
  readonly source?: string | undefined;
  readonly labels?: string | undefined;
}): SourceFilter {
  const pairs = (query.labels?.split(',') ?? []).map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return { host: query.host, source: query.source, labels: Object.fromEntries(pairs) };
}

/** From when to when a request means. @throws Problem where that is no time */
export function stretchOf(query: { readonly since?: string | undefined; readonly until?: string | undefined }): {
  readonly since: Date;
  readonly until: Date;
} {
  const until = new Date(query.until ?? Date.now());
  const since = new Date(query.since ?? until.getTime() - day);
  if (since < until) return { since, until };
  throw new Problem('request/invalid', 'it would end before it begins', [
    { pointer: '/since', detail: 'must be before "until"' },
  ]);
}

export function logsAnswered(
  found: readonly FoundRecord[],
  gaps: readonly Found<typeof findGaps>[],
  limit: number,
): LogsAnswer {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    records: page.map(({ host, source, labels, path, at, text, cut }) => {
      return { host, source, labels, path, at: at.toISOString(), text, cut };
    }),
    gaps: gaps.map((gap) => ({ ...gap, since: gap.since.toISOString(), until: gap.until.toISOString() })),
    ...(found.length > limit && last && { next: `${last.micros}.${last.file}.${last.position}` }),
  };
}

export function sourceAnswered(row: Found<typeof listSources>): SourcesAnswer['sources'][number] {
  const { host, kind, source, labels, keep, every, behind, gaps, deleted } = row;
  return {
    ...{ host, kind, source, labels, keep, behind, gaps, deleted },
    lookedAt: row.looked_at.toISOString(),
    ...(every !== null && { every }),
    ...(row.oldest && { oldest: row.oldest.toISOString() }),
    ...(row.newest && { newest: row.newest.toISOString() }),
    ...(row.deleted_at && { deletedAt: row.deleted_at.toISOString() }),
  };
}

/** Seconds of one point: as asked, else as it is collected, or wider where that would be too many points. */
export function widthOf(
  { every }: { readonly every?: number | undefined },
  found: readonly FoundValues[],
  { since, until }: { readonly since: Date; readonly until: Date },
): number {
  const seconds = (until.getTime() - since.getTime()) / 1000;
  if (every === undefined) return Math.max(1, ...found.map((one) => one.every ?? 60), Math.ceil(seconds / most.usual));
  if (seconds / every <= most.asked) return every;
  throw new Problem('request/invalid', 'that would be too many points', [
    { pointer: '/every', detail: `at most ${most.asked} points make one series` },
  ]);
}

export function metricAnswered(
  { host, source, labels, name, samples, every: collected }: FoundValues,
  as: Summary,
  { since, until, every }: { readonly since: Date; readonly until: Date; readonly every: number },
): MetricsAnswer['series'][number] {
  const points = series(
    samples.map(([at, value]) => ({ at, value })),
    as,
    {
      since: since.getTime(),
      until: until.getTime(),
      width: every * 1000,
      patience: 2.5 * 1000 * (collected ?? every),
    },
  );
  return { host, source, labels, name, points: points.map(({ at, value }) => [new Date(at).toISOString(), value]) };
}
