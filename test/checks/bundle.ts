import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { top, type Check } from './check.js';

/** What has no business in a workflow: schema libraries, frameworks, anything that touches the world. */
const foreign = [
  'zod',
  'yaml',
  'typeorm',
  'pg',
  'ssh2',
  'ldapts',
  '@nestjs/[a-z]+',
  '@marcbachmann/cel-js',
  're2js',
  'age-encryption',
];

/** The packages of the foreign kind that a bundle carries; webpack names each module by its path. */
export function foreignIn(bundle: string): string[] {
  return foreign.filter((name) => new RegExp(`node_modules/${name}/`).test(bundle));
}

/** Shows what got into the workflows' bundle, whatever path of imports it came by. */
export const bundle: Check = {
  name: 'workflow bundle',
  run: () => {
    const file = join(top, 'build', 'workflows.bundle.js');
    if (!existsSync(file)) return Promise.resolve({ faults: [`${file} is missing; build first`] });
    const found = foreignIn(readFileSync(file, 'utf8'));
    return Promise.resolve({
      faults: found.map(
        (name) => `${name} is in the workflow bundle; a workflow file imports something that imports it`,
      ),
      notes: [`${String(Math.round(statSync(file).size / 1024))} KiB`],
    });
  },
};
