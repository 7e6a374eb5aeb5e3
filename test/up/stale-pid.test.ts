import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { clearStalePid } from '../../apps/cli/up/stale-pid.js';
import { waitUntil } from '../../apps/cli/up/wait-until.js';
import { temporaryFolder } from './folder.js';

it('removes the pid file of a dead Postgres, whoever has its number now', () => {
  const cluster = temporaryFolder();
  writeFileSync(join(cluster, 'postmaster.pid'), `${String(process.pid)}\n`);
  clearStalePid(cluster);
  expect(existsSync(join(cluster, 'postmaster.pid'))).toBe(false);
});

it('keeps it while anything of Postgres still works in the folder', async () => {
  const cluster = temporaryFolder();
  writeFileSync(join(cluster, 'postmaster.pid'), '1\n');
  const backend = spawn('sleep', ['300'], { cwd: cluster });
  onTestFinished(() => void backend.kill('SIGKILL'));
  await once(backend, 'spawn');
  await waitUntil(() => readlinkSync(`/proc/${String(backend.pid)}/cwd`) === cluster, 30);
  clearStalePid(cluster);
  expect(existsSync(join(cluster, 'postmaster.pid'))).toBe(true);
});
