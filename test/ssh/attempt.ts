import type { Attempt } from '../../activities/ssh/attempt.js';
import type { StepNeeds } from '../../activities/ssh/needs.js';
import { createMasker } from '../../model/mask.js';

type Given = Pick<Attempt, 'name' | 'step' | 'work' | 'session'> &
  Partial<Omit<Attempt, 'needs'>> & { readonly needs?: Partial<StepNeeds> };

/** The first attempt of a step on a host, with nothing kept in Postgres; whatever else is given stands. */
export function attemptOf({ needs, ...given }: Given): Attempt {
  return {
    task: `${given.name.run}.${given.name.step}`,
    attempt: 1,
    holder: 100,
    filler: { fill: (text) => ({ value: text as string, secret: false }), secrets: [] },
    signal: new AbortController().signal,
    detached: new AbortController().signal,
    ...given,
    needs: {
      restartsOwed: async () => [],
      outputEnd: async () => 0,
      appendOutput: async () => undefined,
      masker: createMasker,
      limits: { outcome: 5, look: 60, output: 1024 * 1024 },
      ...needs,
    } as StepNeeds,
  };
}
