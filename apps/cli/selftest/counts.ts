import { z } from 'zod';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** What failed, where it is told: file, name, and the first line of why. */
  readonly failures?: readonly string[];
  /** What passed at its second try alone, told alike. */
  readonly retried?: readonly string[];
}

const assertion = z.object({
  status: z.string(),
  fullName: z.string(),
  failureMessages: z.array(z.string()).default([]),
});

type Assertion = z.infer<typeof assertion>;

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(assertion),
    }),
  ),
});

type TestFile = z.infer<typeof report>['testResults'][number];

/**
 * The counts in Vitest's JSON report. A skipped test counts as failed (nothing here may be skipped), and so does a
 * file that could not even be read. An exit code that tells of a failure the report lacks counts as one.
 */
export function countVitest(text: string, exit: number): Counts {
  const read = report.safeParse(parse(text));
  if (!read.success) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = read.data;
  const unread = testResults.filter(isUnread).length;
  const failed = numFailedTests + numPendingTests + numTodoTests + unread;
  const failures = testResults.flatMap(failuresIn);
  const retried = testResults.flatMap((file) => told(file, isRetried));
  return {
    passed: numPassedTests,
    failed: failed === 0 && exit !== 0 ? 1 : failed,
    ...(failures.length > 0 && { failures }),
    ...(retried.length > 0 && { retried }),
  };
}

const isUnread = (file: TestFile): boolean => file.status === 'failed' && file.assertionResults.length === 0;

function failuresIn(file: TestFile): string[] {
  return isUnread(file)
    ? [`${file.name}: ${firstLine(file.message)}`]
    : told(file, ({ status }) => status !== 'passed');
}

/** Vitest keeps what was wrong in the tries before. */
const isRetried = ({ status, failureMessages }: Assertion): boolean =>
  status === 'passed' && failureMessages.length > 0;

function told(file: TestFile, which: (one: Assertion) => boolean): string[] {
  return file.assertionResults
    .filter(which)
    .map((one) => `${file.name}: ${one.fullName}: ${firstLine(one.failureMessages[0] ?? one.status)}`);
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** The counts in the last line `N passed, N failed` of an output; none at all is a failure. */
export function countLine(output: string, exit: number): Counts {
  const line = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  if (line === undefined) return { passed: 0, failed: 1 };
  const failed = Number(line[2]);
  return { passed: Number(line[1]), failed: failed === 0 && exit !== 0 ? 1 : failed };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
