import { expect, it } from 'vitest';
import { foreignIn } from '../../test/checks/bundle.js';
import { judge } from '../../test/checks/sizes.js';
import { judgeSteps, measureSteps } from '../../test/checks/step-sizes.js';

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

it('step sizes: a step is as long as what is written of it, with its comments and its undo', () => {
  const text = `runbook: x
phases:
  - phase: One
    steps:
      # Of nobody.
      - id: short
        step: x

      # Of nobody either.
      - id: long
        step: x
        # Its own.
        shell: |
          one

          two
        undo:
          steps:
            - id: back
              step: x

  - each: [1]
    phases:
      - { phase: Two, steps: [{ id: inside, step: x }] }
`;
  expect(measureSteps('a.yaml', text)).toEqual([
    { file: 'a.yaml', line: 6, id: 'short', lines: 2 },
    { file: 'a.yaml', line: 10, id: 'long', lines: 11 },
    { file: 'a.yaml', line: 24, id: 'inside', lines: 1 },
  ]);
  expect(measureSteps('b.yaml', 'fragment: x\nsteps:\n  - id: one\n    step: x\n')).toEqual([
    { file: 'b.yaml', line: 3, id: 'one', lines: 2 },
  ]);
});

it('step sizes: above a screen is a fault, and says where', () => {
  const found = judgeSteps([
    { file: 'a.yaml', line: 3, id: 'fits', lines: 50 },
    { file: 'a.yaml', line: 60, id: 'out', lines: 51 },
  ]);
  expect(found.faults).toEqual(['a.yaml:60: out has 51 lines; cut it, or put its text into a file: 50 is a screen']);
});

it.each([
  ['"./node_modules/zod/v4/core/index.js":', ['zod']],
  ['!*** ../node_modules/@nestjs/common/index.js ***!', ['@nestjs/[a-z]+']],
  ['node_modules/pg/lib/index.js node_modules/yaml/dist/index.js', ['yaml', 'pg']],
  ['node_modules/@temporalio/workflow/lib/index.js node_modules/ms/dist/index.cjs', []],
])('workflow bundle: %s holds %j', (bundle, found) => {
  expect(foreignIn(bundle)).toEqual(found);
});
