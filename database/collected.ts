import type { Database } from './connect.js';
import { row, rows } from './query.js';
import type { GapRow, SourceRow } from './tables/collected.js';

/** Which sources are meant; all of them where nothing is said. */
export interface SourceFilter {
  readonly host?: string | undefined;
  readonly source?: string | undefined;
  /** Values of labels, all of which it must have. */
  readonly labels?: Readonly<Record<string, string>>;
}

const chosen = `s.kind = $1 and ($2::text is null or s.host = $2) and ($3::text is null or s.source = $3)
  and s.labels @> $4::jsonb`;

function choice(kind: SourceRow['kind'], { host, source, labels }: SourceFilter): unknown[] {
  return [kind, host ?? null, source ?? null, JSON.stringify(labels ?? {})];
}

/** A record, with where it comes from. */
export interface FoundRecord {
  readonly host: string;
  readonly source: string;
  readonly labels: Record<string, string>;
  readonly path: string;
  readonly at: Date;
  readonly text: string;
  readonly cut: number;
  readonly file: number;
  readonly position: number;
  /** Of `at`, microseconds since 1970, for going on there. */
  readonly micros: number;
}

export interface RecordSearch extends SourceFilter {
  readonly since: Date;
  readonly until: Date;
  /** A part of the record, whatever the case of its letters. */
  readonly text?: string | undefined;
  /** The last one of the page before. */
  readonly before?: { readonly micros: number; readonly file: number; readonly position: number } | undefined;
  readonly limit: number;
}

/** Records, newest first. Each source is read by its own index, and no further than for one page. */
export async function findRecords(db: Database, search: RecordSearch): Promise<FoundRecord[]> {
  const { since, until, text, before, limit } = search;
  return rows<FoundRecord>(
    db,
    `select s.host, s.source, s.labels, f.path, l.at, l.text, l.cut, l.file, l.position,
       (extract(epoch from l.at) * 1000000)::bigint as micros
     from collected_sources s cross join lateral (
       select * from collected_lines l where l.source = s.id and l.at >= $5 and l.at < $6
         and ($7::text is null or strpos(lower(l.text), lower($7)) > 0)
         and ($8::bigint is null or (l.at, l.file, l.position)
           < (timestamptz 'epoch' + $8::bigint * interval '1 microsecond', $9::bigint, $10::bigint))
       order by l.at desc, l.file desc, l.position desc limit $11
     ) l join collected_files f on f.id = l.file
     where ${chosen}
     order by l.at desc, l.file desc, l.position desc limit $11`,
    [
      ...choice('lines', search),
      ...[since, until, text ?? null],
      ...[before?.micros ?? null, before?.file ?? null, before?.position ?? null],
      limit,
    ],
  );
}

/** Where records may be missing, oldest first. */
export async function findGaps(
  db: Database,
  filter: SourceFilter & { readonly since: Date; readonly until: Date },
): Promise<(Pick<GapRow, 'path' | 'since' | 'until' | 'because'> & { host: string; source: string })[]> {
  return rows(
    db,
    `select s.host, s.source, g.path, g.since, g.until, g.because
     from collected_gaps g join collected_sources s on s.id = g.source
     where ${chosen} and g.until >= $5 and g.since < $6 order by g.until limit 1000`,
    [...choice('lines', filter), filter.since, filter.until],
  );
}

/** What is collected, and how far. */
export async function listSources(
  db: Database,
): Promise<(SourceRow & { oldest: Date | null; newest: Date | null; gaps: number })[]> {
  return rows(
    db,
    `select s.*, (select count(*)::bigint from collected_gaps g where g.source = s.id) as gaps, ${extent('min')} as oldest,
       ${extent('max')} as newest
     from collected_sources s order by s.host, s.kind, s.source`,
  );
}

/** One question a table, so that its index answers. */
function extent(end: 'min' | 'max'): string {
  return `case s.kind when 'lines' then (select ${end}(at) from collected_lines where source = s.id)
    else (select ${end}(at) from collected_values where source = s.id) end`;
}

/** Values of one name, with whatever labels, oldest first within each. */
export interface FoundValues {
  readonly host: string;
  readonly source: string;
  readonly labels: Record<string, string>;
  readonly every: number | null;
  readonly name: string;
  /** Milliseconds since 1970, and the value. */
  readonly samples: readonly (readonly [number, number])[];
}

/** Samples that one answer may be made of. */
export const samplesLimit = 200_000;

/** @returns the series, or how many samples there are where that is too many */
export async function findValues(
  db: Database,
  search: SourceFilter & { readonly name: string; readonly since: Date; readonly until: Date },
): Promise<FoundValues[] | number> {
  const within = `${chosen} and (v.name = $5 or starts_with(v.name, $5 || '{')) and v.at >= $6 and v.at < $7`;
  const from = `from collected_values v join collected_sources s on s.id = v.source where ${within}`;
  const parameters = [...choice('values', search), search.name, search.since, search.until];
  const counted = await row<{ count: number }>(db, `select count(*)::bigint as count ${from}`, parameters);
  const count = counted?.count ?? 0;
  if (count > samplesLimit) return count;
  return rows<FoundValues>(
    db,
    `select s.host, s.source, s.labels, s.every, v.name,
       json_agg(json_build_array(extract(epoch from v.at) * 1000, v.value) order by v.at) as samples
     ${from} group by s.id, v.name order by s.host, s.source, v.name`,
    parameters,
  );
}

/** The names of what is collected, with the value of each that was collected last. */
export async function listValues(
  db: Database,
  filter: SourceFilter,
): Promise<{ host: string; source: string; name: string; at: Date; value: number }[]> {
  return rows(
    db,
    `select s.host, s.source, v.name, v.at, v.value
     from collected_sources s join collected_values v on v.source = s.id
       and v.at = (select max(at) from collected_values newest where newest.source = s.id)
     where ${chosen} order by s.host, s.source, v.name limit 10000`,
    choice('values', filter),
  );
}
