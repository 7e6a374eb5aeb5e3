import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Guard } from './guards.js';

/** A copy of a checkout, in which things may be broken. Nothing is ever changed in the checkout itself. */
export interface WorkTree {
  readonly folder: string;
  /** Has something done while the guard is broken here. */
  whileBroken<T>(guard: Pick<Guard, 'file' | 'text' | 'becomes'>, work: () => Promise<T>): Promise<T>;
  remove(): void;
}

/** Copies what git knows of a checkout, and what is new in it; packages are shared with it. */
export function copyCheckout(top: string): WorkTree {
  const folder = mkdtempSync(join(tmpdir(), 'belay-mutation-'));
  // Postgres does not run as root: its own account must be able to come in.
  chmodSync(folder, 0o755);
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: top,
    maxBuffer: 2 ** 26,
  });
  for (const file of listed.toString('utf8').split('\0').filter(Boolean))
    if (existsSync(join(top, file))) cpSync(join(top, file), join(folder, file));
  symlinkSync(join(top, 'node_modules'), join(folder, 'node_modules'));
  const whileBroken: WorkTree['whileBroken'] = async ({ file, text, becomes }, work) => {
    const place = join(folder, file);
    const whole = readFileSync(place, 'utf8');
    if (whole.split(text).length !== 2) throw new Error(`the text is not in ${file} once`);
    writeFileSync(
      place,
      whole.replace(text, () => becomes),
    );
    try {
      return await work();
    } finally {
      writeFileSync(place, whole);
    }
  };
  return { folder, whileBroken, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
