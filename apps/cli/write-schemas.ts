import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fragmentJsonSchema, inventoryJsonSchema, runbookJsonSchema } from '../../model/reference/json-schema.js';
import { stepKindsPage } from '../../model/reference/step-kinds-page.js';
import { kinds } from '../../model/steps/kinds.js';

/** What is derived from the schemas and the list of kinds, by file below `docs/`. */
function derived(): ReadonlyMap<string, string> {
  const json = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`;
  return new Map([
    ['schema/runbook.json', json(runbookJsonSchema(kinds))],
    ['schema/fragment.json', json(fragmentJsonSchema(kinds))],
    ['schema/inventory.json', json(inventoryJsonSchema())],
    ['step-kinds.md', stepKindsPage(kinds)],
  ]);
}

async function differs(file: string, text: string): Promise<boolean> {
  const present = await readFile(file, 'utf8').catch(() => '');
  return present !== text;
}

/** Writes the derived files; with `--check` only compares, and exits 1 where one is out of date. */
async function main(check: boolean): Promise<void> {
  for (const [name, text] of derived()) {
    const file = join('docs', name);
    if (!(await differs(file, text))) continue;
    if (check) {
      process.exitCode = 1;
      console.error(`${file} is out of date; run: node build/apps/cli/write-schemas.js`);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(`${file} written`);
  }
}

await main(process.argv.includes('--check'));
