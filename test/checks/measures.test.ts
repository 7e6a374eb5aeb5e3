import { expect, it } from 'vitest';
import { foreignIn } from '../../test/checks/bundle.js';
import { judge } from '../../test/checks/sizes.js';

it('file sizes: above 400 lines is a fault, above 200 is told', () => {
  const found = judge([
    { file: 'small.ts', lines: 10 },
    { file: 'large.ts', lines: 400 },
    { file: 'too-large.ts', lines: 401 },
  ]);
  expect(found.faults).toEqual(['too-large.ts: 401 lines; cut it, 400 is the most']);
  expect(found.notes).toEqual([
    '3 files, median 400 lines, p90 400, 2 above 200',
    '  large.ts: 400 lines',
    '  too-large.ts: 401 lines',
  ]);
});

it.each([
  ['"./node_modules/zod/v4/core/index.js":', ['zod']],
  ['!*** ../node_modules/@nestjs/common/index.js ***!', ['@nestjs/[a-z]+']],
  ['node_modules/pg/lib/index.js node_modules/yaml/dist/index.js', ['yaml', 'pg']],
  ['node_modules/@temporalio/workflow/lib/index.js node_modules/ms/dist/index.cjs', []],
])('workflow bundle: %s holds %j', (bundle, found) => {
  expect(foreignIn(bundle)).toEqual(found);
});
