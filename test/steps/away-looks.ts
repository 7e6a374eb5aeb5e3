import type { AwayLookNeeds } from '../../model/live/look-away.js';
import type { Look } from '../../model/live/look.js';
import { maskOf } from '../../model/mask.js';
import type { Operation } from '../../model/operation.js';
import { holdsSecret } from '../../model/value.js';
import { phase, plan, step } from '../database/example.js';
import { fill } from '../ldap/world.js';
import { compileStep } from './cases.js';

/** A plan of steps that act outside of hosts, one a host and in this order, and what a look at it keeps. */
export function looksAt(
  steps: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  secrets: Readonly<Record<string, string>>,
): { readonly needs: AwayLookNeeds<Operation['on']>; readonly looks: Look[] } {
  const looks: Look[] = [];
  const planned = Object.entries(steps).map(([id, written]) =>
    step(id, ['web'], { operations: [compileStep(written)] }),
  );
  const of = plan([phase('All', [['web']], planned)]);
  const needs: AwayLookNeeds<Operation['on']> = {
    alive: () => ({
      cancelled: new AbortController().signal,
      unlessDetached: async (one) => one,
      end: () => undefined,
    }),
    readPlan: async () => of,
    previewValues: async (_plan, { id }) =>
      id === 'later'
        ? { before: ['first'] }
        : {
            when: id !== 'off',
            fill: (text) => ({ value: fill(text, secrets), secret: holdsSecret(text) }),
            secrets: Object.values(secrets),
          },
    masked: (text, hidden) => maskOf(hidden).text(text),
    keepLooks: async (_live, more) => void looks.push(...more),
  };
  return { needs, looks };
}
