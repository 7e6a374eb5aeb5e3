import type { EntityManager } from 'typeorm';
import type { KnownFile } from '../model/collect/follow-files.js';
import type { NamedValue } from '../model/collect/read-values.js';
import type { KeptStretch, LostFile, OpenSource, SeenFile, SourceName } from '../model/collect/source.js';
import type { Database } from './connect.js';
import { row, rows, transaction, type Reach } from './query.js';
import { ReadMeanwhile } from './refusals.js';
import { json } from './storable.js';
import type { FileRow } from './tables/collected.js';

/** What is collected, and of whom. */
export interface SourceOf extends SourceName {
  readonly machine: string;
  /** Its name in the inventory. */
  readonly host: string;
}

/** Files of a source that are remembered after they have gone: they may come back. */
const goneLimit = 1000;

/** The source, made where there is none, with the files that are known of it, and whether they were looked for as now. */
export async function openSource(db: Database, of: SourceOf): Promise<OpenSource> {
  const { id, fresh, patterns } = await source(db, of);
  const files = await rows<FileRow>(
    db,
    'select * from collected_files where source = $1 order by gone, id desc limit $2',
    [id, goneLimit],
  );
  const asBefore = JSON.stringify(patterns) === JSON.stringify(of.patterns ?? null);
  return { id, fresh, asBefore, files: files.map(knownFile) };
}

async function source(
  reach: Reach,
  { machine, kind, source: name, host, labels, keep, every, patterns }: SourceOf,
): Promise<{ id: number; fresh: boolean; patterns: readonly string[] | null }> {
  const made = await row<{ id: number; fresh: boolean; patterns: readonly string[] | null }>(
    reach,
    `with before as (select patterns from collected_sources where machine = $1 and kind = $2 and source = $3)
     insert into collected_sources (machine, kind, source, host, labels, keep, every, patterns)
     values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8::jsonb)
     on conflict on constraint collected_sources_name do update
     set host = excluded.host, labels = excluded.labels, keep = excluded.keep, every = excluded.every,
       patterns = excluded.patterns, looked_at = now()
     returning id, xmax = 0 as fresh, (select patterns from before) as patterns`,
    [machine, kind, name, host, json(labels), keep, every ?? null, patterns === undefined ? null : json(patterns)],
  );
  if (!made) throw new Error('the source was not written');
  return made;
}

function knownFile({
  id,
  born,
  inode,
  position,
  head_size: size,
  head_sha256: sha256,
  ended,
  gone,
}: FileRow): KnownFile {
  return { id, born, inode, position, head: { size, sha256 }, ended, gone };
}

/** Writes what was found of a source's files; gives the ids of those that are there, in their order. */
export async function settleFiles(
  db: Database,
  of: number,
  seen: readonly SeenFile[],
  lost: readonly LostFile[],
): Promise<number[]> {
  return transaction(db, async (manager) => {
    await lock(manager, of);
    const ids: number[] = [];
    for (const file of seen) ids.push(file.id ?? (await insertFile(manager, of, file)));
    await rows(
      manager,
      `update collected_files f set path = one.path, inode = one.inode, head_size = one.head_size,
         head_sha256 = one.head_sha256, gone = false, seen_at = now()
       from jsonb_to_recordset($2::jsonb) as one (id bigint, path text, inode text, head_size integer, head_sha256 text)
       where f.id = one.id and f.source = $1`,
      [of, json(seen.map(({ head, ...file }) => ({ ...file, head_size: head.size, head_sha256: head.sha256 })))],
    );
    await lose(manager, of, lost);
    return ids;
  });
}

/** One worker a source at a time. */
async function lock(manager: EntityManager, of: number): Promise<void> {
  await rows(manager, 'select id from collected_sources where id = $1 for update', [of]);
}

async function insertFile(manager: EntityManager, of: number, file: SeenFile): Promise<number> {
  const made = await row<{ id: number }>(
    manager,
    `insert into collected_files (source, born, path, inode, position, head_size, head_sha256, ended)
     values ($1, $2, $2, $3, $4, $5, $6, $7) returning id`,
    [of, file.path, file.inode, file.position, file.head.size, file.head.sha256, file.ended],
  );
  if (!made) throw new Error('the file was not written');
  return made.id;
}

async function lose(manager: EntityManager, of: number, lost: readonly LostFile[]): Promise<void> {
  await rows(
    manager,
    `with lost as (select * from jsonb_to_recordset($2::jsonb) as one (id bigint, because text)),
     gone as (
       update collected_files f set gone = true from lost where f.id = lost.id and f.source = $1 and not f.gone
       returning f.id, f.path, f.seen_at, lost.because
     )
     insert into collected_gaps (source, path, since, because)
     select $1, path, seen_at, because from gone where because is not null`,
    [of, json(lost)],
  );
}

/**
 * Moves the file's position over the stretch and keeps its records, in one transaction. What is older than the source
 * keeps is left out; a time that is to come counts as now.
 *
 * @returns how many were kept
 * @throws ReadMeanwhile
 */
export async function keepRecords(db: Database, { source: of, file, from, to, records }: KeptStretch): Promise<number> {
  return transaction(db, async (manager) => {
    const moved = await row(
      manager,
      `update collected_files set position = $4, seen_at = now()
       where id = $1 and source = $2 and position = $3 returning id`,
      [file, of, from, to],
    );
    if (!moved) throw new ReadMeanwhile(file);
    const kept = await row<{ count: number }>(
      manager,
      `with read as (
         select position, text, cut, case
           when at is null or to_timestamp(at / 1000) > now() + interval '1 day' then now()
           else to_timestamp(at / 1000) end as at
         from jsonb_to_recordset($3::jsonb) as one (position bigint, at double precision, text text, cut bigint)
       ), kept as (
         insert into collected_lines (file, position, source, at, text, cut)
         select $1, position, s.id, at, text, cut from read, collected_sources s
         where s.id = $2 and at > now() - s.keep * interval '1 second'
         returning 1
       ) select count(*)::bigint as count from kept`,
      [file, of, json(records)],
    );
    return kept?.count ?? 0;
  });
}

/** Writes how the source stands after it was collected. */
export async function closeSource(db: Database, of: number, behind: number, ended: readonly number[]): Promise<void> {
  await transaction(db, async (manager) => {
    await rows(manager, 'update collected_sources set behind = $2, looked_at = now() where id = $1', [of, behind]);
    await rows(manager, 'update collected_files set ended = true where source = $1 and id = any ($2::bigint[])', [
      of,
      ended,
    ]);
  });
}

/** Keeps numbers of one moment, once. */
export async function keepValues(db: Database, of: SourceOf, at: Date, values: readonly NamedValue[]): Promise<void> {
  await transaction(db, async (manager) => {
    const { id } = await source(manager, of);
    await rows(
      manager,
      `insert into collected_values (source, name, at, value)
       select $1, name, $2, value from jsonb_to_recordset($3::jsonb) as one (name text, value double precision)
       on conflict do nothing`,
      [id, at, json(values)],
    );
  });
}
