import type { Database } from './connect.js';
import { row, rows, transaction } from './query.js';

/** Rows that are deleted at once, so that nobody waits for long. */
const most = 10_000;

/**
 * Deletes what of one source is older than that keeps it, once a minute a source; several processes may do so at once.
 *
 * @returns whether there was a source whose turn it was
 */
export async function deleteOverdue(db: Database): Promise<boolean> {
  return transaction(db, async (manager) => {
    const due = await row<{ id: number; kind: string }>(
      manager,
      `select id, kind from collected_sources where reviewed_at < now() - interval '1 minute'
       order by reviewed_at for update skip locked limit 1`,
    );
    if (!due) return false;
    const overdue = `source = $1 and at < now() - (select keep from collected_sources where id = $1) * interval '1 second'`;
    const table = due.kind === 'lines' ? 'collected_lines' : 'collected_values';
    const deleted = await row<{ count: number }>(
      manager,
      `with gone as (
         delete from ${table} where ctid = any (array(select ctid from ${table} where ${overdue} limit ${most}))
         returning 1
       ) select count(*)::bigint as count from gone`,
      [due.id],
    );
    const count = deleted?.count ?? 0;
    await rows(
      manager,
      "delete from collected_gaps where source = $1 and until < now() - (select keep from collected_sources where id = $1) * interval '1 second'",
      [due.id],
    );
    await rows(
      manager,
      `delete from collected_files f using collected_sources s where s.id = f.source and s.id = $1 and f.gone
         and f.seen_at < now() - s.keep * interval '1 second'
         and not exists (select from collected_lines l where l.file = f.id)`,
      [due.id],
    );
    // Where there is more of it, it is the same source's turn again.
    await rows(
      manager,
      `update collected_sources set deleted = deleted + $2,
         deleted_at = case when $2 > 0 then now() else deleted_at end,
         reviewed_at = case when $2 < $3 then now() else reviewed_at end where id = $1`,
      [due.id, count, most],
    );
    return true;
  });
}
