import { z } from 'zod';
import { line, storedName } from './names.js';

/**
 * A secret that a runbook needs: made by the run, or stored beforehand. `{}` is one stored under its own name; a stored
 * one with `generate` may be made at random where there is none yet, and is then the same for every run.
 */
export const declaredSecret = z
  .strictObject({
    generate: z
      .strictObject({ length: z.int().min(16).max(256).describe('Characters') })
      .optional()
      .describe('Made at random: by the run, once; beside stored, by "belay run start" where none is stored'),
    certificate_authority: z
      .strictObject({ name: line(64).describe('Its common name') })
      .optional()
      .describe('A certificate authority made by the run, with the parts certificate and key'),
    stored: storedName().optional().describe('Name of a stored secret ("belay secret set NAME")'),
  })
  .refine(
    (secret) => secret.certificate_authority === undefined || Object.keys(secret).length === 1,
    'an authority is made by the run: it is not stored, and not generated as text',
  );
export type DeclaredSecret = z.infer<typeof declaredSecret>;

/**
 * The stored secrets that may be made at random where there is none yet: their stored names and lengths in characters.
 *
 * @param declared - `secrets` of a runbook as it was written; what is wrong in it is left to lint
 */
export function madeWhereMissing(declared: unknown): ReadonlyMap<string, number> {
  const found = z.record(z.string(), z.unknown()).safeParse(declared).data ?? {};
  const made = Object.values(found).flatMap((one) => {
    const { stored, generate } = declaredSecret.safeParse(one).data ?? {};
    return stored === undefined || generate === undefined ? [] : [[stored, generate.length] as const];
  });
  return new Map(made);
}
