import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { holdsTitle } from '../checks/guarantees.js';

const guardSchema = z.strictObject({
  /** What it does, as a sentence. */
  guard: z.string().min(1),
  /** The promise of `docs/guarantees.md` that it holds, where it is one of those. */
  promise: z
    .string()
    .regex(/^G\d+$/)
    .optional(),
  /** What the mutant does instead, for people. */
  mutant: z.string().min(1),
  file: z.string().min(1),
  /** A text that is in the file once. */
  text: z.string().min(1),
  /** What the mutant has in its place. */
  becomes: z.string(),
  /** The test file that must see it, and a title or a case of that file. */
  test: z.string().regex(/^test\/.+\.test\.ts$/),
  title: z.string().min(1),
  /** What stands in the title's first blank, where one case is enough. */
  case: z.string().optional(),
});

/** A line that keeps a promise, a change that takes it out, and the test that must see that. */
export type Guard = z.infer<typeof guardSchema>;

/** The lists of all guards, one file an area. @param top - the folder of a checkout */
export function readGuards(top: string): Guard[] {
  const folder = join(top, 'test', 'mutation', 'guards');
  return readdirSync(folder)
    .sort()
    .flatMap((name) => z.array(guardSchema).parse(parse(readFileSync(join(folder, name), 'utf8'))));
}

/**
 * What is wrong with the list itself: a guard or a test that is not there any more, a promise that no guard holds.
 *
 * @param page - `docs/guarantees.md`
 * @param read - the text of a file of the project, by its path; undefined where there is none
 */
export function judgeGuards(
  guards: readonly Guard[],
  page: string,
  read: (path: string) => string | undefined,
): string[] {
  const promises = [...page.matchAll(/^\*\*(G\d+)\. /gm)].map(([, name = '']) => name);
  const bare = promises.filter((name) => !guards.some(({ promise }) => promise === name));
  const names = guards.map(({ guard }) => guard);
  return [
    ...bare.map((name) => `${name} has no guard that is shown to be needed`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name}: is there twice`),
    ...guards.flatMap((guard) => faultsOf(guard, promises, read).map((fault) => `${guard.guard}: ${fault}`)),
  ];
}

function faultsOf(
  { promise, file, text, becomes, test, title }: Guard,
  promises: readonly string[],
  read: (path: string) => string | undefined,
): string[] {
  const found = (read(file) ?? '').split(text).length - 1;
  return [
    ...(promise === undefined || promises.includes(promise) ? [] : [`there is no ${promise ?? ''}`]),
    ...(found === 1 ? [] : [`its text is in ${file} ${String(found)} times, not once`]),
    ...(text === becomes ? ['its mutant changes nothing'] : []),
    ...(holdsTitle(read(test) ?? '', title) ? [] : [`${test} has no "${title}"`]),
  ];
}
