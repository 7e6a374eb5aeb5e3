import { existsSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes the pid file of a Postgres that was killed. Postgres does so itself unless another process of the same
 * account has got the number since, as happens when a container starts again; then it would refuse to start. No
 * process works in the cluster's folder: so neither the server nor one of its backends is left.
 */
export function clearStalePid(cluster: string): void {
  const file = join(cluster, 'postmaster.pid');
  if (existsSync(file) && !isWorkedIn(realpathSync(cluster))) rmSync(file);
}

function isWorkedIn(folder: string): boolean {
  return readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && workingFolder(entry) === folder);
}

/** Undefined for processes that are gone, or of another account, which cannot be ours. */
function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
