import { expect, it } from 'vitest';
import type { Operation } from '../../model/operation.js';
import { everyInput, nastyInputs } from './leaves.js';

const inputs = everyInput().map((input) => [`${input.kind}: ${input.path.join('.')}`, input] as const);
const values = nastyInputs('/canary');

const textsOf = (operation: Operation): unknown =>
  operation.on === 'host'
    ? (['check', 'capture', 'do', 'verify', 'undo', 'restart'] as const).map((part) => operation[part]?.text)
    : operation.on;

it('there are more than fifty values, and inputs of every kind', () => {
  expect(values.length).toBeGreaterThan(150);
  expect(new Set(inputs.map(([, { kind }]) => kind)).size).toBeGreaterThan(10);
});

/** What somebody writes as a script is that script; everything else is data. */
it.each(inputs.filter(([name]) => name !== 'shell: shell'))(
  'a nasty value is refused or stays data as %s',
  (_, input) => {
    const calm = textsOf(input.calm);
    for (const value of values) {
      const operation = input.with(value);
      if (!operation) continue;
      expect(textsOf(operation), JSON.stringify(value)).toEqual(calm);
      // Byte for byte, wherever it went. What a service is restarted after is no business of its operation.
      if (!input.path.includes('restart_after'))
        expect(JSON.stringify(operation), JSON.stringify(value)).toContain(JSON.stringify(value).slice(1, -1));
    }
  },
);
