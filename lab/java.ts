import { basename, join } from 'node:path';
import { cached, recipeDigest } from './cache.js';
import { ensureImage } from './image.js';
import { must } from './program.js';
import { inThrowaway } from './workshop.js';

/** What directory servers and their tools need of Java; `java.se` is all that applications may count on. */
const modules = [
  ...['java.se', 'jdk.crypto.ec', 'jdk.httpserver', 'jdk.management', 'jdk.naming.dns'],
  ...['jdk.unsupported', 'jdk.zipfs', 'jdk.localedata'],
].join(',');

/** A class archive is what makes a small program start in a third of a second. */
const link = `
jlink --add-modules "$1" --include-locales=en --strip-java-debug-attributes --no-man-pages --no-header-files --compress=1 --output /made
/made/bin/java -XX:+UseSerialGC -Xshare:dump >/dev/null`;

/** The file system of a host with a Java compiler, to build in and never to run as a host. */
export async function ensureCompiler(base: string, say: (line: string) => void): Promise<string> {
  return ensureImage(base, ['openjdk-17-jdk-headless'], say);
}

/** A folder with a Java of about 90 MB that needs nothing but libc, to be copied into a host's file system. */
export async function ensureJava(base: string, say: (line: string) => void): Promise<string> {
  const name = `java-${recipeDigest(basename(base), modules, link)}`;
  const compiler = await ensureCompiler(base, say);
  return cached(
    name,
    async (folder) => {
      say('linking a small Java for hosts (once, about half a minute)');
      await inThrowaway(compiler, folder, async (chroot, upper) => {
        await chroot(['sh', '-euc', link, 'sh', modules]);
        await must(['sh', '-c', 'mv -- "$1"/* "$2"', 'sh', join(upper, 'made'), folder]);
      });
    },
    say,
  );
}
