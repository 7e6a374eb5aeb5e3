/** What is said of the values of a stretch of time. */
export const summaries = ['last', 'average', 'least', 'most', 'rate'] as const;
export type Summary = (typeof summaries)[number];

/** Milliseconds since 1970, and a value. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** One stretch of time; null where nothing was collected in it. */
export interface Point {
  readonly at: number;
  readonly value: number | null;
}

/** How a series is cut. All in milliseconds. */
export interface Cutting {
  readonly since: number;
  readonly until: number;
  readonly width: number;
  /** Between two samples of which a rate is made, at most. */
  readonly patience: number;
}

/**
 * Samples as points of equal width from `since` on; a stretch without a sample stays empty, so that gaps show. A `rate` is
 * the growth a second of what only counts up; where it has fallen, its program began anew and it grew from zero.
 *
 * @param samples - oldest first
 */
export function series(samples: readonly Sample[], summary: Summary, cutting: Cutting): Point[] {
  const { since, until, width } = cutting;
  const count = Math.max(0, Math.ceil((until - since) / width));
  const stretches: (Sample & Grown)[][] = Array.from({ length: count }, () => []);
  for (const [index, sample] of samples.entries()) {
    const place = Math.floor((sample.at - since) / width);
    stretches[place]?.push({ ...sample, ...grown(samples[index - 1], sample, cutting.patience) });
  }
  return stretches.map((inside, index) => ({ at: since + index * width, value: summaryOf(inside, summary) }));
}

interface Grown {
  /** Since the sample before, and in how many seconds; none where that is too long ago. */
  readonly by: number;
  readonly in: number;
}

function grown(before: Sample | undefined, { at, value }: Sample, patience: number): Grown {
  if (before === undefined || at - before.at > patience || at === before.at) return { by: 0, in: 0 };
  return { by: value >= before.value ? value - before.value : value, in: (at - before.at) / 1000 };
}

function summaryOf(inside: readonly (Sample & Grown)[], summary: Summary): number | null {
  const last = inside.at(-1);
  if (last === undefined) return null;
  const values = inside.map(({ value }) => value);
  switch (summary) {
    case 'last':
      return last.value;
    case 'average':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case 'least':
      return Math.min(...values);
    case 'most':
      return Math.max(...values);
    case 'rate': {
      const seconds = inside.reduce((sum, one) => sum + one.in, 0);
      return seconds === 0 ? null : inside.reduce((sum, one) => sum + one.by, 0) / seconds;
    }
  }
}
