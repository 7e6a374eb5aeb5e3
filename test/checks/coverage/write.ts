import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../check.js';
import { joinedFrom } from './coverage.js';

/** Writes the tables of coverage anew; exits 1 where numbers or marks are wrong. */
function main(): void {
  const { pages, faults } = joinedFrom(top);
  for (const [page, text] of pages) writeFileSync(join(top, page), text);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

main();
