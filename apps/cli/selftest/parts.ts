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

/** Parts that are made one after another. */
type Lane = readonly Part[];

/**
 * What is made one after another; the lanes of one at the same time. What is cheap and says most comes first. Hosts and
 * clusters wait for each other most of their time, so that two cores carry two lanes of them, and no third.
 */
export const stages: readonly (readonly Lane[])[] = [
  [[{ name: 'checks', minutes: 3, counting: 'line', words: ['build/test/checks/main.js'] }]],
  [[vitest('unit', 9)]],
  [[{ name: 'mutation', minutes: 2, counting: 'line', words: ['build/test/mutation/main.js'] }]],
  [[{ name: 'demonstration', minutes: 2, counting: 'exit', words: ['build/apps/cli/main.js', 'demo', '--yes'] }]],
  [
    [vitest('hosts', 42)],
    [
      vitest('life', 27),
      { name: 'chaos', minutes: 5, counting: 'line', words: ['build/test/chaos/suite/main.js'] },
      vitest('faults', 6),
    ],
  ],
  [[{ ...vitest('runbooks', 270), long: true }]],
];

export const parts: readonly Part[] = stages.flat(2);

/** What a fresh machine may take until the first part begins. */
export const setUpMinutes = 8;
