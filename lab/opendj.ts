// cspell:words openidentityplatform Dartifact Doutput
import { createHash } from 'node:crypto';
import { copyFile, readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached } from './cache.js';
import { LabError } from './error.js';
import { removeFolder } from './mounts.js';
import { ensurePackages } from './machine.js';
import { must } from './program.js';

/** The release of OpenDJ that hosts of the lab run: an archive that its makers publish to Maven Central. */
export const openDj = {
  version: '5.0.3',
  artifact: 'org.openidentityplatform.opendj:opendj-server-legacy:5.0.3:zip',
  sha256: 'efcaaa6ff9e1d57e5d14f670de2a5832ef5338f74964608327a8f73caeb7d07c',
} as const;

/** The Debian package of the Java that runs it. */
export const openDjJava = 'openjdk-17-jre-headless';

/** Less than a lab's few thousand entries need of memory; without it Java takes a quarter of the machine. */
export const openDjMemory = '-server -Xms64m -Xmx256m -XX:+UseSerialGC';

/**
 * The folder with OpenDJ as it is unpacked (`setup`, `bin/`, `lib/`, …), fetched once by Maven, or copied from the archive
 * that `BELAY_LAB_OPENDJ` names. It is shared by all labs: copy it, never run it.
 * @throws LabError where the archive is not the one that was pinned, or cannot be had
 */
export async function ensureOpenDj(say: (line: string) => void, release: typeof openDj = openDj): Promise<string> {
  const name = `opendj-${release.version}-${release.sha256.slice(0, 8)}`;
  return join(await cached(name, async (folder) => fetchOpenDj(folder, release, say), say), 'opendj');
}

async function fetchOpenDj(folder: string, release: typeof openDj, say: (line: string) => void): Promise<void> {
  await ensurePackages([['unzip', 'unzip']], say);
  const archives = join(folder, 'archives');
  await fetchArchive(archives, release, say);
  const [archive = ''] = (await readdir(archives)).map((file) => join(archives, file));
  const found = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  if (found !== release.sha256)
    throw new LabError(
      `${basename(archive)} has the SHA-256 ${found}, not the pinned ${release.sha256}: do not use it; remove it from where it came from`,
    );
  await must(['unzip', '-q', archive, '-d', folder]);
  await removeFolder(archives);
}

async function fetchArchive(folder: string, release: typeof openDj, say: (line: string) => void): Promise<void> {
  const given = process.env.BELAY_LAB_OPENDJ;
  await must(['mkdir', '-p', folder]);
  if (given) {
    const gone = (cause: unknown): never => {
      throw new LabError(`BELAY_LAB_OPENDJ names ${given}, which cannot be read: ${String(cause)}`, { cause });
    };
    return copyFile(given, join(folder, basename(given))).catch(gone);
  }
  await ensurePackages([['mvn', 'maven']], say);
  say(`fetching OpenDJ ${release.version} by Maven (once; about 84 MB)`);
  const words = ['-q', '-B', 'dependency:copy', `-Dartifact=${release.artifact}`, `-DoutputDirectory=${folder}`];
  await must(['mvn', ...words]).catch((cause: unknown) => {
    const otherwise = 'the machine must reach Maven Central once, or BELAY_LAB_OPENDJ must name the archive';
    throw new LabError(`OpenDJ cannot be fetched: ${otherwise} (${(cause as Error).message})`, { cause });
  });
}
