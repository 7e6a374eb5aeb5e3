import { describe, expect, it } from 'vitest';
import type { StepOutline, TaskRecord } from '../../../model/record.js';
import { endings } from '../../../model/states.js';
import { dueAttempts, hostsOut, mayTryAgain, pause } from '../../../model/task/rounds.js';

const retry = { attempts: 5, interval: 2, backoff: 3, cap: 30 };
const step: StepOutline = {
  id: 'one',
  name: 'One',
  on: 'host',
  seconds: 0,
  retry,
  timeout: 60,
  repeatable: false,
  hosts: ['a', 'b', 'c'],
};
const task = (host: string, over: Partial<TaskRecord> = {}): TaskRecord => ({
  step: 'one',
  host,
  state: 'pending',
  attempt: 0,
  settled: false,
  ...over,
});

describe('trying again', () => {
  it('repeats without asking only what surely did nothing, unless the step is repeatable', () => {
    const table = endings.map((ending) => [ending, mayTryAgain(ending, false), mayTryAgain(ending, true)]);
    expect(table).toEqual([
      ['ok', false, false],
      ['done', false, false],
      ['refused', true, true],
      ['partial', false, true],
      ['unknown', false, true],
      ['unreachable', true, true],
      ['skipped', false, false],
    ]);
  });

  it('waits longer each time, up to the cap', () => {
    expect([1, 2, 3, 4].map((tries) => pause(retry, tries))).toEqual([2, 6, 18, 30]);
  });
});

describe('what is due', () => {
  it('begins with attempt 1 where nothing is recorded', () => {
    expect(dueAttempts(step, [], new Set())).toEqual(['a', 'b', 'c'].map((host) => ({ host, attempt: 1 })));
  });

  it('takes an attempt without a result up again, under the same number', () => {
    expect(dueAttempts(step, [task('a', { state: 'running', attempt: 3 })], new Set(['b', 'c']))).toEqual([
      { host: 'a', attempt: 3 },
    ]);
  });

  it('takes the next number where the highest attempt has a result and the task was reopened', () => {
    expect(dueAttempts(step, [task('a', { attempt: 3, settled: true })], new Set(['b', 'c']))).toEqual([
      { host: 'a', attempt: 4 },
    ]);
  });

  it('leaves out hosts that are out, and tasks that are settled', () => {
    const tasks = [task('a', { state: 'changed', attempt: 1, settled: true }), task('b', { state: 'skipped' })];
    expect(dueAttempts(step, tasks, new Set(['c']))).toEqual([]);
  });

  it('counts a host as out as soon as one of its tasks waits for a decision', () => {
    const tasks = [
      task('a', { state: 'failed' }),
      task('b', { state: 'unreachable' }),
      task('c', { state: 'unknown' }),
      task('d', { state: 'skipped' }),
    ];
    expect([...hostsOut(tasks)]).toEqual(['a', 'b', 'c']);
  });
});
