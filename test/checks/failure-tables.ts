import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepsWithoutLab } from '../runbooks/failures/offline.js';
import { aboutOf, procedures } from '../runbooks/failures/procedures.js';
import { fileOf, pageOf, rowsOn, same, type Known } from '../runbooks/failures/table.js';
import { top, type Check } from './check.js';

/** Every table of failures names each step of its runbook as it is now: with what was seen, or as not tried. */
export const failureTables: Check = {
  name: 'tables of failures',
  run: async () => {
    const judged = procedures.map((procedure) => ({
      file: fileOf(procedure.table),
      steps: stepsWithoutLab(top, procedure),
      page: readPage(fileOf(procedure.table)),
      about: aboutOf(procedure),
    }));
    return {
      faults: judged
        .filter(({ page, about, steps }) => page !== pageOf({ about, rows: rowsOn(page), steps }))
        .map(({ file }) => `${file} is not true to its runbook: node build/test/runbooks/failures/main.js --write`),
      notes: judged.map(({ file, page, steps }) => `${file}: ${shown(page, steps)} of ${String(steps.length)} steps`),
    };
  },
};

const readPage = (file: string): string => (existsSync(join(top, file)) ? readFileSync(join(top, file), 'utf8') : '');

function shown(page: string, steps: readonly Known[]): string {
  const rows = rowsOn(page);
  return String(steps.filter((step) => rows.some((row) => same(row, step))).length);
}
