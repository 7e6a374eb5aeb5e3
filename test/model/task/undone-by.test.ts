import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Failure } from '../../../model/failure.js';
import type { UndoOutcome, UndoScope } from '../../../model/record.js';
import type { Ending } from '../../../model/states.js';
import { staysBehind } from '../../../model/task/stays-behind.js';
import { afterTaker, beforeTakers, takersOf, type Taker } from '../../../model/task/undone-by.js';
import { phase, plan, step } from '../../database/example.js';

interface Case {
  readonly it: string;
  readonly tried: Readonly<Record<string, Ending>>;
  readonly scope?: UndoScope;
  readonly stays: Readonly<Record<string, string>>;
}

const both = ['node1', 'node2'];
const after = step('after', both, { undo: { how: 'by', by: ['kept', 'more'] } });
const book = plan([
  phase('First', [both], [step('kept', both, { name: 'Kept' }), step('more', ['node1'], { name: 'More' })]),
  phase('Then', [both], [after, step('gone', ['node1'], { undo: { how: 'none', because: 'it is gone' } })]),
]);

describe('What an earlier step takes back', () => {
  for (const one of parse(readFileSync('test/cases/task/undone-by.yaml', 'utf8')) as Case[])
    it(one.it, () => {
      const tasks = Object.entries(one.tried).map(([name, ending]) => {
        const [id = '', host = ''] = name.split('@');
        return { step: id, host, attempt: 1, ending };
      });
      const stays = staysBehind(book, tasks, one.scope).map(({ step: id, host, because }) => [
        `${id}@${host}`,
        because,
      ]);
      expect(Object.fromEntries(stays)).toEqual(one.stays);
    });

  const taker = (id: string, will: Taker['will']): Taker => ({ step: id, name: `Step ${id}`, will });

  it('is left until all of its takers are back', () => {
    const left = beforeTakers('to undo it', [taker('kept', 'act'), taker('more', 'act')]);
    expect(left).toMatchObject({
      outcome: 'left',
      failure: { kind: 'undo/with-another', tried: 'to undo it' },
      summary: 'it goes back with Step kept (kept) and Step more (more), and that has not gone back yet',
    });
    const after = (all: readonly (UndoOutcome | undefined)[], idle = false): unknown =>
      afterTaker(left.failure, { step: 'kept', name: 'Step kept', idle }, all);
    expect(after(['undone', undefined])).toBeUndefined();
    expect(after(['undone', 'undo_failed'])).toBeUndefined();
    expect(after(['undone', 'left'])).toBeUndefined();
    expect(after(['undone', 'undone'])).toEqual({
      outcome: 'undone',
      summary: 'it has gone back with Step kept (kept)',
    });
    expect(after(['undone', 'undone'], true)).toMatchObject({
      outcome: 'left',
      failure: { kind: 'undo/impossible', tried: 'to undo it' },
      summary: 'it goes back with Step kept (kept), which has changed nothing there, so its undo takes nothing back',
    });
  });

  it('is left for good where one of its takers does not go back, or somebody has said so', () => {
    for (const will of ['stay', 'nothing'] as const) {
      const left = beforeTakers('to undo it', [taker('kept', 'act'), taker('more', will)]);
      expect(left).toMatchObject({ outcome: 'left', failure: { kind: 'undo/impossible' } });
      expect(afterTaker(left.failure, { step: 'kept', name: 'x', idle: false }, ['undone'])).toBeUndefined();
    }
    expect(afterTaker(null, { step: 'kept', name: 'x', idle: false }, ['undone'])).toBeUndefined();
    const none = beforeTakers('to undo it', []);
    expect((none.failure as Failure).known).toBe('no step of its plan takes it back on this host');
  });

  it('goes back with what a later wave has done before the step to which an undo goes', () => {
    const waves = plan([
      phase('One after another', [['node1'], ['node2']], [step('kept', both), after, step('x', both)]),
    ]);
    const tried = both.map((host) => ({ step: 'kept', host, acted: true, passed: false }));
    const will = (host: string): unknown => takersOf(waves, after, host, tried, { to: 'x' }).map((one) => one.will);
    expect([will('node1'), will('node2')]).toEqual([['stay'], ['act']]);
    const tasks = both.flatMap((host) => ['kept', 'after', 'x'].map((id) => ({ step: id, host, attempt: 1 })));
    expect(staysBehind(waves, tasks, { to: 'x' })).toEqual([]);
  });

  it('is asked of the steps that are done on the same host', () => {
    const tried = [{ step: 'kept', host: 'node1', acted: true, passed: false }];
    const on = (host: string): unknown => takersOf(book, after, host, tried).map(({ step: id, will }) => [id, will]);
    expect(on('node1')).toEqual([
      ['kept', 'act'],
      ['more', 'nothing'],
    ]);
    expect(on('node2')).toEqual([['kept', 'nothing']]);
    expect(takersOf(book, step('x', both), 'node1', tried)).toEqual([]);
  });
});
