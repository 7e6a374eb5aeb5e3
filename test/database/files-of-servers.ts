import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for the files of a new Postgres server, which the first test that needs some makes and others copy. */
    readonly filesOfServers: string;
  }
}

/** Once before the tests of a project that start many Postgres servers. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'belay-postgres-files-'));
  // Postgres does not run as root: its own account must be able to come in.
  await chmod(folder, 0o711);
  project.provide('filesOfServers', folder);
  return async () => rm(folder, { recursive: true, force: true });
}
