import { describe, expect, it } from 'vitest';
import type { StepOutline, TaskRecord } from '../../../model/record.js';
import { endings, taskStates } from '../../../model/states.js';
import { dueAttempts, hostsOut, hostsUnknown, mayTryAgain, openEnds, pause } from '../../../model/task/rounds.js';

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

  it('counts a host as unknown while a task of it is, and in no other state', () => {
    const tasks = taskStates.map((state) => task(`in ${state}`, { state }));
    expect([...hostsUnknown(tasks)]).toEqual(['in unknown']);
  });

  it('brings to its end what has begun and nobody knows the end of, also where too many hosts have failed', () => {
    const tasks = [
      task('a', { state: 'running', attempt: 1 }),
      task('b', { attempt: 2, settled: true, ending: 'unknown' }),
      task('c', { attempt: 1 }),
      task('never begun'),
      task('tried again after it had failed', { attempt: 1, settled: true, ending: 'partial' }),
      task('gone back', { attempt: 1, settled: true }),
      task('unknown still', { state: 'unknown', attempt: 1, settled: true, ending: 'unknown' }),
      task('out', { state: 'running', attempt: 1 }),
      task('of another step', { step: 'two', state: 'running', attempt: 1 }),
    ];
    const on = { ...step, hosts: tasks.map(({ host }) => host) };
    expect(openEnds(on, tasks, new Set(['out']))).toEqual([
      { host: 'a', attempt: 1 },
      { host: 'b', attempt: 3 },
      { host: 'c', attempt: 1 },
    ]);
  });
});
