import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findPostgresPlace, packagedPrograms, reachablePrograms } from '../../apps/cli/up/postgres-place.js';
import { runToEnd } from '../../apps/cli/up/run-program.js';
import { temporaryFolder } from './folder.js';

it("Postgres' programs in a folder that its account may not enter are copied to where it may", async () => {
  const closed = mkdtempSync(join(tmpdir(), 'belay-closed-'));
  onTestFinished(() => rmSync(closed, { recursive: true }));
  chmodSync(closed, 0o700);
  cpSync(packagedPrograms(), join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
  const { account, cluster } = await findPostgresPlace(temporaryFolder(), () => undefined);
  onTestFinished(() => rmSync(dirname(cluster), { recursive: true }));
  if (account === undefined) throw new Error('this test needs root');
  const programs = reachablePrograms(join(closed, 'native'), account);
  onTestFinished(() => rmSync(programs, { recursive: true }));
  const end = await runToEnd(join(programs, 'bin/postgres'), ['--version'], { account });
  expect(end).toMatchObject({ code: 0, output: expect.stringContaining('PostgreSQL) 18') as string });
  expect(reachablePrograms(join(closed, 'native'), account)).toBe(programs);
});
