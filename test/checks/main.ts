import { checks } from './checks.js';
import type { Check } from './check.js';

/** Most lines of one check that are printed: the first ones tell what is wrong. */
const most = 60;

/** Makes every check, or those named, and ends with the line `N passed, N failed`. */
async function main(names: readonly string[]): Promise<void> {
  const chosen = names.length === 0 ? checks : checks.filter(({ name }) => names.includes(name));
  let failed = 0;
  for (const check of chosen) if (!(await make(check))) failed += 1;
  console.log(`${String(chosen.length - failed)} passed, ${String(failed)} failed`);
  process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
}

async function make(check: Check): Promise<boolean> {
  const began = performance.now();
  const { faults, notes = [] } = await check.run();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
  for (const line of notes) console.log(`       ${line}`);
  for (const line of faults.slice(0, most)) console.log(`       ${line}`);
  if (faults.length > most) console.log(`       and ${String(faults.length - most)} lines more`);
  return faults.length === 0;
}

await main(process.argv.slice(2));
