import { finds } from '../pattern.js';
import type { PlannedHint } from '../plan.js';

/** What a script that failed has left: its exit code, where it has one, and what it wrote, where that is known, secrets masked. */
export interface Remains {
  readonly exit?: number | undefined;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The advice of every hint that knows this error, in the order of the runbook, each once. */
export function adviceFor(hints: readonly PlannedHint[], remains: Remains): string[] {
  return [...new Set(hints.filter((hint) => knows(hint, remains)).map(({ advice }) => advice))];
}

function knows({ stdout, stderr, exit }: PlannedHint, remains: Remains): boolean {
  if (exit !== undefined && (remains.exit === undefined || !exit.includes(remains.exit))) return false;
  return fits(stdout, remains.stdout) && fits(stderr, remains.stderr);
}

/** What nobody knows fits no pattern, not even one that an empty text would fit. */
function fits(pattern: string | undefined, text: string | undefined): boolean {
  return pattern === undefined || (text !== undefined && finds(pattern, text));
}
