import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, recipeDigest } from '../cache.js';
import { ensureImage } from '../image.js';
import { ensureCompiler, ensureJava } from '../java.js';
import { ensureOpenDj, openDj } from '../opendj.js';
import { roomFile } from '../places.js';
import { must } from '../program.js';
import { inThrowaway } from '../workshop.js';

type Say = (line: string) => void;
type Chroot = (argv: readonly string[]) => Promise<string>;

/** Where a vendor's customers find the key of its repository and the key's fingerprint; pack.sh writes them. */
export const repositoryKey = 'gluu-repository.asc';
export const repositoryFingerprint = 'fingerprint';

/** Debian packages in the container; the rest of a node is Java, OpenDJ and what lies in this folder. */
const inContainer = ['apache2', 'python3-minimal'];

/**
 * A folder that apt takes as a repository of the packages `gluu-server-<version>`, signed with a key of its own, which
 * lies beside them with its fingerprint. Made once for all labs, in about a minute.
 */
export async function ensureGluuRepository(base: string, versions: readonly string[], say: Say): Promise<string> {
  const image = await ensureImage(base, inContainer, say);
  const java = await ensureJava(base, say);
  const directoryServer = await ensureOpenDj(say);
  const sources = await digestOf(roomFile('gluu'));
  const name = `gluu-${recipeDigest(basename(image), basename(java), openDj.sha256, sources, ...versions)}`;
  return cached(name, async (folder) => make({ base, image, java, directoryServer }, versions, folder, say), say);
}

interface Parts {
  readonly base: string;
  readonly image: string;
  readonly java: string;
  readonly directoryServer: string;
}

async function make(parts: Parts, versions: readonly string[], folder: string, say: Say): Promise<void> {
  say(`making the packages gluu-server-{${versions.join(',')}} (once, about a minute)`);
  const jar = join(folder, 'stand-in.jar');
  await compile(await ensureCompiler(parts.base, say), folder, jar);
  await inThrowaway(parts.base, folder, async (chroot, upper, root) => {
    const material = join(root, 'build/material');
    await mkdir(material, { recursive: true });
    await must(['cp', '-a', parts.image, join(root, 'build/tree')]);
    await must(['cp', '-a', parts.java, join(material, 'java')]);
    await must(['cp', '-a', parts.directoryServer, join(material, 'opendj')]);
    await must(['mv', jar, join(material, 'stand-in.jar')]);
    await cp(roomFile('gluu/root'), join(material, 'root'), { recursive: true });
    await cp(roomFile('gluu/package'), join(root, 'build/scripts'), { recursive: true });
    await copyFile(roomFile('gluu/pack.sh'), join(root, 'build/pack.sh'));
    await must(['sh', roomFile('gluu/assemble.sh'), join(root, 'build/tree'), material]);
    await pack(chroot, versions);
    await must(['sh', '-c', 'mv -- "$1"/* "$2"', 'sh', join(upper, 'build/out'), folder]);
  });
}

async function pack(chroot: Chroot, versions: readonly string[]): Promise<void> {
  await chroot(['apt-get', 'update', '-qq']);
  await chroot(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'apt-utils', 'gpg', 'gpg-agent']);
  await chroot(['sh', '-euc', 'cd /build; exec sh pack.sh "$@"', 'sh', ...versions]);
}

async function compile(compiler: string, folder: string, jar: string): Promise<void> {
  await inThrowaway(compiler, folder, async (chroot, upper, root) => {
    await cp(roomFile('gluu/service'), join(root, 'service'), { recursive: true });
    const script = 'cd /service; javac -d classes *.java; jar --create --file x.jar --main-class Service -C classes .';
    await chroot(['sh', '-euc', script]);
    await must(['mv', join(upper, 'service/x.jar'), jar]);
  });
}

/** Changes with the content of any file beneath a folder, and with whether it may be run. */
async function digestOf(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const hash = createHash('sha256');
  for (const name of names) {
    const status = await stat(join(folder, name));
    if (!status.isFile() || /\.(ts|js|pyc)$/.test(basename(name))) continue;
    hash.update(`${name}\0${status.mode & 0o111}\0`).update(await readFile(join(folder, name)));
  }
  return hash.digest('hex');
}
