import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../folders.js';
import { advice, ok, wrong, type Finding } from './finding.js';

/** The version that `up` starts everything with. */
export function node(): Finding {
  const found = `Node ${process.versions.node}`;
  if (Number(process.versions.node.split('.')[0]) >= 24) return ok('Node', found);
  return wrong('Node', `${found}, where 24 is needed`, 'start Belay with ./belay, which brings Node 24 along');
}

/** Temporal's native part is built for glibc alone. */
export function cLibrary(): Finding {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime !== undefined) return ok('C library', `glibc ${header.glibcVersionRuntime}`);
  return wrong('C library', 'not glibc, which the worker needs', 'use a system with glibc, such as Debian');
}

/** Whether what npm put down is what the lock names. */
export function packages(): Finding {
  const top = projectFolder();
  const hidden = join(top, 'node_modules', '.package-lock.json');
  const remedy = `remove ${join(top, '.belay', 'packages')} and start ./belay again`;
  if (!existsSync(hidden)) return wrong('packages', 'not installed', remedy);
  const found = lockedVersions(hidden);
  const differing = [...lockedVersions(join(top, 'package-lock.json'))].filter(
    ([path, { version, optional }]) =>
      path !== '' && (found.get(path)?.version ?? (optional ? version : '')) !== version,
  );
  if (differing.length === 0) return ok('packages', `${String(found.size)} as locked`);
  return wrong('packages', `${String(differing.length)} are not as locked (${differing[0]?.[0] ?? ''})`, remedy);
}

function lockedVersions(file: string): Map<string, { version?: string; optional?: boolean }> {
  const lock = JSON.parse(readFileSync(file, 'utf8')) as {
    packages: Record<string, { version?: string; optional?: boolean }>;
  };
  return new Map(Object.entries(lock.packages));
}

/** The programs that `up` starts. */
export function build(): Finding {
  const top = projectFolder();
  const needed = ['workflows.bundle.js', 'apps/api/main.js', 'apps/worker/main.js', 'apps/migrate/main.js'];
  const missing = needed.filter((file) => !existsSync(join(top, 'build', file)));
  if (missing.length === 0) return ok('build', join(top, 'build'));
  return wrong(
    'build',
    `lacks ${missing.join(', ')}`,
    `remove ${join(top, '.belay', 'build')} and start ./belay again`,
  );
}

/** A clock behind the day of the build makes certificates and deadlines nonsense. */
export function clock(): Finding {
  const built = statSync(import.meta.filename).mtimeMs;
  const now = new Date();
  if (now.getTime() < built - 60_000)
    return wrong('clock', `${now.toISOString()} is before this was built`, 'set the clock');
  if (existsSync('/run/systemd/timesync/synchronized') || existsSync('/run/chrony')) return ok('clock', 'synchronised');
  return advice(
    'clock',
    `${now.toISOString()}; nothing was found that keeps it right`,
    'run an NTP client such as chrony',
  );
}
