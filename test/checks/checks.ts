import { bundle } from './bundle.js';
import { program, tool, type Check } from './check.js';
import { compose } from './compose.js';
import { coverage } from './coverage/coverage.js';
import { failureTables } from './failure-tables.js';
import { guarantees } from './guarantees.js';
import { mutation } from './mutation.js';
import { sizes } from './sizes.js';
import { stepSizes } from './step-sizes.js';

/** Everything that must be so, cheapest first. */
export const checks: readonly Check[] = [
  tool('format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  sizes,
  stepSizes,
  program('shell scripts', 'sh', [
    '-c',
    'for file in belay .ci/run $(git ls-files "*.sh"); do sh -n "$file" || exit 1; done',
  ]),
  bundle,
  tool('generated files', 'build/apps/cli/write-schemas.js', '--check'),
  program('package lock', 'npm', ['ci', '--dry-run', '--no-fund', '--no-audit', '--loglevel=error']),
  compose,
  guarantees,
  coverage,
  failureTables,
  mutation,
  tool('spelling', 'node_modules/cspell/bin.mjs', 'lint', '--no-progress', '--no-summary', '--dot', '.'),
  tool('types', 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'),
  tool('lint', 'node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'),
];
