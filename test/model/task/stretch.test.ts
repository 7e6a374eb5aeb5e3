import { describe, expect, it } from 'vitest';
import type { StepOutline, TaskRecord } from '../../../model/record.js';
import { stretch } from '../../../model/task/stretch.js';

const step = (id: string, over: Partial<StepOutline> = {}): StepOutline => ({
  id,
  name: id,
  on: 'host',
  seconds: 0,
  retry: { attempts: 1, interval: 1, backoff: 1, cap: 1 },
  timeout: 60,
  repeatable: false,
  hosts: ['a', 'b'],
  ...over,
});
const ended = (id: string, host: string): TaskRecord => ({
  step: id,
  host,
  state: 'changed',
  attempt: 1,
  settled: true,
});
const ids = (steps: readonly StepOutline[], tasks: readonly TaskRecord[] = [], out: readonly string[] = []) =>
  stretch(steps, tasks, new Set(out)).map((one) => one.step.id);

describe('a stretch of steps', () => {
  it('goes on for as long as steps act over SSH on the same hosts', () => {
    expect(ids([step('one'), step('two'), step('three', { hosts: ['a'] }), step('four')])).toEqual(['one', 'two']);
    expect(ids([step('one'), step('two', { on: 'ldap' }), step('three')])).toEqual(['one']);
    expect(ids([step('one', { on: 'clock' }), step('two')])).toEqual(['one']);
  });

  it('leaves out hosts that are out, and so joins steps that differ in those alone', () => {
    expect(ids([step('one'), step('two', { hosts: ['b'] }), step('three')], [], ['a'])).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it('ends before a step that is through on some host, and is empty-handed where the first is due nowhere', () => {
    expect(ids([step('one'), step('two')], [ended('two', 'a')])).toEqual(['one']);
    expect(stretch([step('one'), step('two')], [ended('one', 'a'), ended('one', 'b')], new Set())).toEqual([
      { step: step('one'), due: [] },
    ]);
  });

  it('has an end', () => {
    expect(ids(Array.from({ length: 50 }, (_, index) => step(`s${index}`)))).toHaveLength(20);
  });
});
