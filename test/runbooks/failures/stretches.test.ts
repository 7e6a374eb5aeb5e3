import { expect, it } from 'vitest';
import type { PlannedStep, PlannedUndo } from '../../../model/plan.js';
import { phase, step as made } from '../../database/example.js';
import { stretchesOf } from './stretches.js';

const step = (id: string, undo: PlannedUndo = { how: 'restore' }, more: Partial<PlannedStep> = {}): PlannedStep =>
  made(id, ['node1'], { undo, ...more });
const ownSteps: PlannedUndo = { how: 'steps', steps: [] };
const many = Array.from({ length: 13 }, (_, index) => step(`conf${String(index)}`));
const in_ = (prefix: string, one: PlannedStep): PlannedStep => ({ ...one, scope: { prefix, param: {} } });

function cut(...steps: PlannedStep[]): string[] {
  const there = steps.filter(({ tasks }) => 'node1' in tasks);
  const places = there.map(({ id }) => ({ phase: 0, step: id, host: 'node1' }));
  return stretchesOf(phase('Made', [['node1']], steps), places).map(({ start, places: one }) =>
    [`${start}:`, ...one.map((place) => place.step)].join(' '),
  );
}

it('goes back to where a phase begins, as long as it is not long', () => {
  expect(cut(step('a'), step('b'), step('c'))).toEqual(['a: a b c']);
  expect(cut(step('nowhere', undefined, { tasks: {} }), step('b'))).toEqual(['b: b']);
});

it('goes back by each step alone in a long one', () => {
  expect(cut(...many)).toEqual(many.map(({ id }) => `${id}: ${id}`));
});

it('goes back to the step that takes another away, and with what lies between them', () => {
  const kept = [step('kept'), step('between'), step('done', { how: 'by', by: ['kept'] })];
  expect(cut(...many, ...kept, step('after')).slice(-2)).toEqual(['kept: kept between done', 'after: after']);
});

it('goes back alone from what goes back by a step of an earlier phase', () => {
  expect(cut(...many, step('up', { how: 'by', by: ['of.another.phase'] })).at(-1)).toEqual('up: up');
});

it('goes back to the backup in the fragment of what undoes itself in its own way', () => {
  const own = in_('made.', step('made.own', undefined, { kind: 'backup' }));
  const made = in_('made.', step('made.made', ownSteps));
  const gone = in_('made.', step('made.gone', { how: 'by', by: ['made.made'] }));
  expect(cut(...many, own, made, gone, in_('other.', step('other.made', ownSteps))).slice(-2)).toEqual([
    'made.own: made.own made.made made.gone',
    'other.made: other.made',
  ]);
});
