import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { top, type Check } from './check.js';

/** Every promise of `docs/guarantees.md` names tests, and every test that it names is there under that title. */
export const guarantees: Check = {
  name: 'guarantees',
  run: async () => {
    const { promises, faults } = judgeGuarantees(readFileSync(join(top, 'docs', 'guarantees.md'), 'utf8'), textOf);
    return { faults, notes: [`${String(promises)} promises, each with its tests`] };
  },
};

/** The text of a file of the project; undefined where there is none. */
export function textOf(path: string): string | undefined {
  const file = join(top, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @param read - the text of a file of the project, by its path; undefined where there is none */
export function judgeGuarantees(
  page: string,
  read: (path: string) => string | undefined,
): { promises: number; faults: string[] } {
  const promises = page.split(/\n(?=\*\*G\d+\. )|\n## /).filter((part) => part.startsWith('**G'));
  const faults = promises.length === 0 ? ['there are no promises: has the form of the page changed?'] : [];
  promises.forEach((promise, index) => {
    const name = `G${String(index + 1)}`;
    if (!promise.startsWith(`**${name}. `)) faults.push(`${promise.slice(2, 12)}…: ${name} is due`);
    const links = [...promise.matchAll(/\[([^\]]+(?:\][^\](][^\]]*)*)\]\(\.\.\/(test\/[^)]+)\)/g)];
    if (links.length === 0) faults.push(`${name} names no test`);
    for (const [, title = '', path = ''] of links) {
      const text = read(path);
      if (text === undefined) faults.push(`${name}: there is no ${path}`);
      else if (!holdsTitle(text, title.replaceAll(/\s+/g, ' '))) faults.push(`${name}: ${path} has no "${title}"`);
    }
  });
  return { promises: promises.length, faults };
}

/** Whether a file has this text as a whole text of its own, and not within a longer one. */
export function holdsTitle(text: string, title: string): boolean {
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => text.includes(quoted));
}
