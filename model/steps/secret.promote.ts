import { z } from 'zod';
import type { Text } from '../value.js';
import { text } from './arguments.js';
import { stepKind } from './kind.js';

/** It names what is to be promoted, and the worker that opens it shows that it is not lost. */
const secretAlone = () =>
  text({ secret: true })
    .refine(isSecretAlone, 'must be a secret alone, declared with "next: true": ${{ secret.NAME }}')
    .meta({ title: 'text' });

function isSecretAlone(value: Text): boolean {
  if (typeof value === 'string') return false;
  const [hole, ...others] = value.template;
  return others.length === 0 && typeof hole === 'object' && /^secret\.\w+$/.test(hole.expression);
}

export const secretPromote = stepKind({
  kind: 'secret.promote',
  on: 'secrets',
  about: 'Makes the next value of a stored secret its current one: for plans that are made from then on.',
  schema: z.strictObject({
    value: secretAlone().describe(
      'The next value. Promote it once every place has it; undo makes the former value current again',
    ),
  }),
  undo: 'restore',
  repeatable: true,
  compile: ({ value }) => ({ on: 'secrets', promote: value }),
});
