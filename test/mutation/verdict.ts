import { z } from 'zod';

const report = z.object({
  testResults: z.array(
    z.object({
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

/** How a test came out. Only `red` tells of a mutant that was seen: a file that cannot be read tests nothing. */
export type Verdict = { readonly how: 'red' | 'green' | 'not run'; readonly said: string };

/** Reads the verdict from Vitest's JSON report of one test. @param text - empty where Vitest left none */
export function verdictOf(text: string): Verdict {
  if (text === '') return { how: 'not run', said: 'Vitest left no report' };
  const { testResults } = report.parse(JSON.parse(text));
  const tests = testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status !== 'skipped');
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed) return { how: 'red', said: firstLine(failed.failureMessages?.[0] ?? '') };
  if (tests.some(({ status }) => status === 'passed')) return { how: 'green', said: '' };
  return { how: 'not run', said: firstLine(testResults[0]?.message ?? '') || 'no test goes by that title' };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]!.replaceAll('|', '/').slice(0, 160);
}

/** What test libraries fill in: `%s`, `$name`, `${name}`. */
const blank = /\$\{[^}]*\}|\$[\w.]+|%[a-z#]/;

/** A regular expression for Vitest's `-t`: the title, its first blank filled in with one case, or with any. */
export function patternOf(title: string, one?: string): string {
  return (one === undefined ? title : title.replace(blank, () => one))
    .split(blank)
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join('.*');
}
