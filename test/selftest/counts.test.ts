import { expect, it } from 'vitest';
import { countLine, countVitest } from '../../apps/cli/selftest/counts.js';

const report = (more: object) =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...more,
  });

it.each([
  ['all passed', report({}), 0, { passed: 5, failed: 0 }],
  ['some failed', report({ numFailedTests: 2 }), 1, { passed: 5, failed: 2 }],
  ['a skipped test is a failure', report({ numPendingTests: 1 }), 0, { passed: 5, failed: 1 }],
  ['a planned test is a failure', report({ numTodoTests: 1 }), 0, { passed: 5, failed: 1 }],
  [
    'a test that failed is named, with the first line of why',
    report({
      numFailedTests: 1,
      testResults: [
        {
          name: 'cron.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'a day', failureMessages: [] },
            { status: 'failed', fullName: 'a week', failureMessages: ['expected 7\nat cron.test.ts:3'] },
          ],
        },
      ],
    }),
    1,
    { passed: 5, failed: 1, failures: ['cron.test.ts: a week: expected 7'] },
  ],
  [
    'a test that passed at its second try is named, with what was wrong at the first',
    report({
      testResults: [
        {
          name: 'cron.test.ts',
          status: 'passed',
          assertionResults: [
            { status: 'passed', fullName: 'a week', failureMessages: ['expected 7\nat cron.test.ts:3'] },
          ],
        },
      ],
    }),
    0,
    { passed: 5, failed: 0, retried: ['cron.test.ts: a week: expected 7'] },
  ],
  [
    'a file that cannot be read',
    report({
      testResults: [{ name: 'cron.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }],
    }),
    1,
    { passed: 5, failed: 1, failures: ['cron.test.ts: no such module'] },
  ],
  ['an error that no test owns', report({}), 1, { passed: 5, failed: 1 }],
  ['no report', '', 0, { passed: 0, failed: 1 }],
  ['another report', '{"numPassedTests": "many"}', 0, { passed: 0, failed: 1 }],
])("Vitest's report: %s", (_, text, exit, counts) => {
  expect(countVitest(text, exit)).toEqual(counts);
});

it.each([
  ['the last line', 'ok a\n3 passed, 0 failed\n', 0, { passed: 3, failed: 0 }],
  ['failures', '3 passed, 2 failed\n', 1, { passed: 3, failed: 2 }],
  ['the last of several lines', '1 passed, 1 failed\n4 passed, 0 failed\n', 0, { passed: 4, failed: 0 }],
  ['a line in the midst of another', 'we saw 3 passed, 0 failed\n', 0, { passed: 0, failed: 1 }],
  ['a crash after the line', '3 passed, 0 failed\n', 1, { passed: 3, failed: 1 }],
  ['nothing', '', 0, { passed: 0, failed: 1 }],
])('the line of a program: %s', (_, output, exit, counts) => {
  expect(countLine(output, exit)).toEqual(counts);
});
