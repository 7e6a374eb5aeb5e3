import { describe, expect, it } from 'vitest';
import { endings, type Ending } from '../../../model/states.js';
import { leftOpen, orStillOpen } from '../../../model/task/left-open.js';

/** Attempts 1, 2, … with these endings; `undefined` for one that has told none. */
const tried = (...all: (Ending | undefined)[]) =>
  all.map((ending, index) => ({ attempt: index + 1, ...(ending === undefined ? {} : { ending }) }));

describe('what an earlier attempt did', () => {
  it('is not known where it ended unknown or told no end', () => {
    const open = [...endings, undefined].filter((ending) => leftOpen(2, tried(ending)));
    expect(open).toEqual(['unknown', undefined]);
  });

  it('stays unknown until a later one has found out what is so, or has made it so', () => {
    const open = endings.filter((ending) => leftOpen(3, tried('unknown', ending)));
    expect(open).toEqual(['refused', 'unknown', 'unreachable', 'skipped']);
  });

  it('is asked of earlier ones alone', () => {
    expect(leftOpen(1, tried('unknown'))).toBe(false);
    expect(leftOpen(1, [])).toBe(false);
    expect(leftOpen(4, tried('unknown', 'done', 'unknown'))).toBe(true);
  });

  it('is still not known where the next one surely did nothing, unless its step has run and refused', () => {
    const failure = { kind: 'host/unreachable', tried: 't', known: 'no route to host', next: 'n' } as const;
    const came = endings.map((ending) => [ending, orStillOpen({ ending, failure }, 2, tried('unknown')).ending]);
    expect(came.filter(([before, after]) => before !== after)).toEqual([
      ['refused', 'unknown'],
      ['unreachable', 'unknown'],
    ]);
    const refused = { ending: 'refused', failure: { ...failure, kind: 'step/refused' } } as const;
    expect(orStillOpen(refused, 2, tried('unknown'))).toBe(refused);
    const known = { ending: 'unreachable', failure } as const;
    expect(orStillOpen(known, 2, tried('partial'))).toBe(known);
  });

  it('is said with the failure of the next one', () => {
    const failure = { kind: 'host/unreachable', tried: 't', known: 'no route to host', next: 'n' } as const;
    expect(orStillOpen({ ending: 'unreachable', failure, exit: 3 }, 2, tried('unknown'))).toEqual({
      ...{ ending: 'unknown', exit: 3 },
      failure: { ...failure, known: 'no route to host; what an earlier try of it did is still not known' },
    });
  });
});
