import { lintRunbook } from '../../../model/compile/lint.js';
import { hasErrors } from '../../../model/finding.js';
import { exitCodes } from '../exit-codes.js';
import { formatOption, structured, type Format } from '../formats.js';
import { findingLines } from '../make-plan.js';
import type { Register } from '../program.js';
import { readRunbook } from '../runbook-files.js';
import { say } from '../world.js';

export const registerLint: Register = (program, world) => {
  program
    .command('lint')
    .description('find mistakes in a runbook, without Belay running')
    .argument('<runbook>', 'a folder with a runbook.yaml, a file, or the name of one that Belay ships')
    .option('-i, --inventory <file>', 'check hosts and groups against this inventory, too')
    .addOption(formatOption())
    .action(async (runbook: string, options: { inventory?: string; output: Format }) => {
      const read = await readRunbook(world.folder, runbook, options.inventory);
      const findings = lintRunbook(read.files, read.runbook, read.inventory);
      if (options.output === 'table') world.out.write(findingLines(findings, read));
      else
        say(
          world,
          structured({ findings: findings.map((one) => ({ ...one, file: read.shown(one.file) })) }, options.output),
        );
      if (hasErrors(findings)) world.exitWith(exitCodes.findings);
    });
};
