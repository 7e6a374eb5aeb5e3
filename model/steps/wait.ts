import { duration } from './arguments.js';
import { stepKind, Unusable } from './kind.js';

/** A year; a longer pause is a mistake in the unit. */
const longest = 366 * 86_400;

export const wait = stepKind({
  kind: 'wait',
  on: 'clock',
  about: 'Lets time pass before the next step; it survives restarts of Belay.',
  schema: duration().describe('How long, such as 30s, 5m or 2h'),
  undo: 'nothing',
  repeatable: true,
  compile(seconds) {
    if (seconds < 1 || seconds > longest) throw new Unusable([], 'must be from 1s to 366d');
    return { on: 'clock', seconds };
  },
});
