import { describe, expect, it } from 'vitest';
import { afterWave, type WaveEnd } from '../../../model/task/after-wave.js';

const standings: readonly WaveEnd['standing'][] = ['done', 'failed', 'held', 'lost'];
const answers = ['pause', 'undo', 'stop'] as const;

/** What follows in each of the cases, as one line a standing: for `pause`, `undo` and `stop`. */
function table(unknown: boolean, pausing: boolean): string[] {
  return standings.map((standing) => {
    const next = answers.map((onFailure) => afterWave({ standing, unknown, pausing }, onFailure));
    return `${standing}: ${next.join(' ')}`;
  });
}

describe('what a run does once a wave is back', () => {
  it('is said by `on_failure` where hosts have failed', () => {
    expect(table(false, false)).toEqual([
      'done: next next next',
      'failed: ask undo stop',
      'held: pause pause pause',
      'lost: pause pause pause',
    ]);
  });

  it('is for a person where nobody knows what became of a task, whatever `on_failure` says', () => {
    expect(table(true, false)).toEqual([
      'done: ask ask ask',
      'failed: ask ask ask',
      'held: pause pause pause',
      'lost: pause pause pause',
    ]);
  });

  it('is a pause where somebody has asked for one and nothing is due but the next wave', () => {
    expect(table(false, true)).toEqual([
      'done: pause pause pause',
      'failed: ask undo stop',
      'held: pause pause pause',
      'lost: pause pause pause',
    ]);
    expect(table(true, true)).toEqual([
      'done: pause pause pause',
      'failed: ask ask ask',
      'held: pause pause pause',
      'lost: pause pause pause',
    ]);
  });
});
