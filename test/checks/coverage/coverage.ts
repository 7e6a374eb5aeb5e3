import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { kinds } from '../../../model/steps/kinds.js';
import { top, type Check } from '../check.js';
import { join } from './join.js';
import { bookSteps } from './marks.js';
import { corrections as correctionsSchema, numbering, readAs } from './numbering.js';
import { coveragePage } from './page.js';

const folder = 'docs/coverage';
const remedy = 'run: node build/test/checks/coverage/write.js';

/** Tables of coverage as they should be, and what is wrong with numbers and marks. */
export interface Coverage {
  /** Texts by path from the top of the project. */
  readonly pages: ReadonlyMap<string, string>;
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** Every number of what the runbooks must do is met by a step, and the committed tables say by which. */
export const coverage: Check = {
  name: 'coverage',
  run: () => {
    const { pages, faults, notes } = joinedFrom(top);
    const stale = [...pages].filter(([page, text]) => textAt(pathOf(top, page)) !== text);
    return Promise.resolve({
      faults: [...faults, ...stale.map(([page]) => `${page} is out of date; ${remedy}`)],
      notes,
    });
  },
};

/** @param home - a folder with `docs/coverage/numbering` and `runbooks` */
export function joinedFrom(home: string): Coverage {
  const source = `${folder}/numbering`;
  const read = (name: string) => readFileSync(pathOf(home, source, name), 'utf8');
  const names = readdirSync(pathOf(home, source)).filter((name) => name !== 'corrections.yaml');
  try {
    const { corrections } = readAs(correctionsSchema, `${source}/corrections.yaml`, read('corrections.yaml'));
    const numberings = names.sort().map((name) => ({ name, read: readAs(numbering, `${source}/${name}`, read(name)) }));
    const joined = join(
      numberings.map((one) => one.read),
      bookSteps(yamlBelow(pathOf(home, 'runbooks')), kinds),
      corrections,
    );
    const pages = numberings.map(({ name, read: one }) => {
      const page = name.replace(/\.yaml$/, '.md');
      return [`${folder}/${page}`, coveragePage(one, `numbering/${name}`, joined, corrections)] as const;
    });
    const notes = numberings.map(
      ({ name, read: { complete } }) => `${name}: ${complete ? 'complete' : 'not yet whole'}`,
    );
    return { pages: new Map(pages), faults: joined.faults, notes };
  } catch (error) {
    return { pages: new Map(), faults: (error as Error).message.split('\n'), notes: [] };
  }
}

function yamlBelow(home: string): Map<string, string> {
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return new Map(files.sort().map((file) => [file.replaceAll('\\', '/'), readFileSync(pathOf(home, file), 'utf8')]));
}

function textAt(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
