import { expect, it } from 'vitest';
import { onePhase, planOf } from './planning.js';

it('what a step is there for is no part of what is carried out', () => {
  const step = '- { id: a, step: x, put: { path: /a, content: b }';
  const phases = (more: string) =>
    planOf({ runbook: onePhase(`${step}${more} }`), secrets: { login: 1, token: 4 } }).phases;
  expect(phases(', covers: [m-001..m-009], proven_by: [a]')).toEqual(phases(''));
});
