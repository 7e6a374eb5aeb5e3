import { z } from 'zod';
import type { Value } from '../value.js';

/** Times that one step may be repeated. */
const eachLimit = 200;

const list = z
  .array(z.unknown())
  .max(eachLimit)
  .describe('A list, known when the plan is made')
  .meta({ expressible: true });

const key = z
  .string()
  .min(1)
  .describe('CEL that gives each entry a key of its own, such as each.value.name; ids then stay when the list changes');

/** A step that is repeated over a list: as one step an entry, each with its own id, result and undo. */
export const each = z
  .union([list, z.strictObject({ in: list, key: key.optional() })])
  .transform((written) =>
    Array.isArray(written)
      ? { in: written as readonly Value[] }
      : { in: written.in as readonly Value[], ...(written.key !== undefined && { key: written.key }) },
  );
export type Each = z.infer<typeof each>;

/** What may follow the dot in the id of a repeated step: journal names, URLs and tables take it as it is. */
export const eachKey = /^[a-z0-9][a-z0-9_-]{0,39}$/;
