import type { TaskAnswer } from '../../../model/answers.js';
import type { TaskState } from '../../../model/states.js';
import { table } from '../formats.js';

/** The columns of a recap, and which states each counts. */
const columns: Readonly<Record<string, readonly TaskState[]>> = {
  ok: ['ok'],
  changed: ['changed'],
  failed: ['failed', 'undo_failed'],
  unreachable: ['unreachable'],
  unknown: ['unknown'],
  skipped: ['skipped'],
  undone: ['undone'],
  'not run': ['pending', 'running'],
};

/**
 * A line a host: how many of its tasks ended how.
 *
 * @param excluded - hosts that were taken out of the run
 */
export function recap(
  tasks: readonly Pick<TaskAnswer, 'host' | 'state'>[],
  excluded: readonly { readonly host: string }[] = [],
): string {
  const out = new Set(excluded.map(({ host }) => host));
  const hosts = [...new Set(tasks.map((task) => task.host))];
  const rows = hosts.map((host) => {
    const states = tasks.filter((task) => task.host === host).map((task) => task.state);
    const counts = Object.values(columns).map((some) => states.filter((state) => some.includes(state)).length);
    return [out.has(host) ? `${host} (excluded)` : host, ...counts.map(String)];
  });
  return table(['HOST', ...Object.keys(columns)], rows);
}
