import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { must } from '../../../lab/program.js';
import { projectFolder } from '../../../lab/places.js';
import type { StartStack } from '../../end-to-end/belay.js';

/** A version of Belay in a folder of its own, as it would lie on somebody's machine. */
export interface Install {
  readonly folder: string;
  /** Starts this version's processes. */
  readonly start: StartStack;
}

/**
 * Copies a build and links the rest of its checkout.
 *
 * @param from - a checkout that is built; by default this one
 * @param change - what is different in the copy, done before anybody has read it
 */
export async function install(
  folder: string,
  from = projectFolder(),
  change: (build: string) => void = () => undefined,
): Promise<Install> {
  mkdirSync(folder);
  for (const name of readdirSync(from).filter((one) => !one.startsWith('.') && !/^build/.test(one)))
    symlinkSync(join(from, name), join(folder, name));
  cpSync(join(from, 'build'), join(folder, 'build'), { recursive: true });
  change(join(folder, 'build'));
  const { startStack } = (await import(join(folder, 'build', 'apps', 'cli', 'up', 'stack.js'))) as {
    startStack: StartStack;
  };
  return { folder, start: startStack };
}

/** A build as the next version might be: with one migration more, of tables that every run uses. */
export function nextVersion(build: string): void {
  const list = join(build, 'migrations', 'migrations.js');
  renameSync(list, join(build, 'migrations', 'before.js'));
  const up = `alter table runs add column next_version text not null default 'as before';
    alter table tasks add column next_version integer;
    create index tasks_next_version on tasks (next_version);`;
  writeFileSync(
    list,
    `import { migrations as before } from './before.js';
const next = { number: before.length + 1, name: 'the next version', up: ${JSON.stringify(up)} };
export const migrations = [...before, next];
`,
  );
}

/** What a newer build's workflows do besides, and only for steps that no older build has begun. */
export const newly = 'a newer build at ';
const place = '        const ended = await unlessCancelled(';
const besides = `        if (newly('${newly}' + step.id)) await records.readWave(where.run, where.phase, where.wave);\n`;

/**
 * Puts another build with other workflows into the place of an install's. Processes that run keep what they have read;
 * whoever starts now is the other version.
 *
 * @returns puts the first one back
 */
export async function otherWorkflows({ folder }: Install): Promise<() => void> {
  const [build, next, before] = ['build', 'build.next', 'build.before'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  cpSync(build, next, { recursive: true });
  const file = join(next, 'workflows', 'phase.js');
  const text = readFileSync(file, 'utf8');
  if (!text.includes(place)) throw new Error(`${file} has no place for other workflow code`);
  const from = `import { patched as newly } from '@temporalio/workflow';\n`;
  writeFileSync(file, from + text.replace(place, () => besides + place));
  await must([process.execPath, join(next, 'apps', 'worker', 'bundle.js')]);
  renameSync(build, before);
  renameSync(next, build);
  return () => {
    if (!existsSync(before)) return;
    rmSync(build, { recursive: true });
    renameSync(before, build);
  };
}
