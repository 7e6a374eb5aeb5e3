/** How the passed and failed of a part are told: by Vitest's report, by its last line, or by its exit code alone. */
export type Counting = 'vitest' | 'line' | 'exit';

/** One part of the self-test. */
export interface Part {
  readonly name: string;
  /** Minutes it may take on a machine with two cores. */
  readonly minutes: number;
  readonly counting: Counting;
  /** Left out where not everything is asked for. */
  readonly long?: true;
  /** Words after `node`, at the top of the project. */
  readonly words: readonly string[];
}

const vitest = (name: string, minutes: number): Part => ({
  name,
  minutes,
  counting: 'vitest',
  words: ['node_modules/vitest/vitest.mjs', 'run', '--project', name],
});

/** The parts, in the order in which they are run: what is cheap and says most comes first. */
export const parts: readonly Part[] = [
  { name: 'checks', minutes: 3, counting: 'line', words: ['build/test/checks/main.js'] },
  vitest('unit', 3),
  { name: 'mutation', minutes: 2, counting: 'line', words: ['build/test/mutation/main.js'] },
  vitest('hosts', 20),
  { name: 'demonstration', minutes: 10, counting: 'exit', words: ['build/apps/cli/main.js', 'demo', '--yes'] },
  { name: 'chaos', minutes: 5, counting: 'line', words: ['build/test/chaos/suite/main.js'] },
  vitest('faults', 5),
  vitest('life', 20),
  { ...vitest('runbooks', 270), long: true },
];

/** What a fresh machine may take until the first part begins. */
export const setUpMinutes = 8;
