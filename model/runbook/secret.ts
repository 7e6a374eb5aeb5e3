import { z } from 'zod';
import { line, storedName } from './names.js';

/**
 * A secret that a runbook needs: made by the run, or stored beforehand. `{}` is one stored under its own name; a stored
 * one that says how it is made may be made where there is none yet, and is then the same for every run.
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
      .describe('A certificate authority with the parts certificate and key, made in the same way'),
    stored: storedName().optional().describe('Name of a stored secret ("belay secret set NAME")'),
    next: z
      .literal(true)
      .optional()
      .describe(
        'The value that is to follow the stored one: what "belay secret set NAME --next" stored, else made by the run and stored; the step secret.promote makes it the current one',
      ),
  })
  .refine(
    (secret) => secret.generate === undefined || secret.certificate_authority === undefined,
    'a secret is one thing: text that is generated, or a certificate_authority',
  )
  .refine(
    ({ next, stored, generate, certificate_authority: authority }) =>
      next === undefined || (stored !== undefined && (generate ?? authority) !== undefined),
    'a next value says which secret it follows, with stored, and how it is made where none waits',
  );
export type DeclaredSecret = z.infer<typeof declaredSecret>;

/** What a stored secret is made as where there is none yet: text of so many characters, or an authority of that name. */
export type Making = { readonly length: number } | { readonly authority: string };

/**
 * The stored secrets that may be made where there is none yet, by the names under which they are stored.
 *
 * @param declared - `secrets` of a runbook as it was written; what is wrong in it is left to lint
 */
export function madeWhereMissing(declared: unknown): ReadonlyMap<string, Making> {
  const found = z.record(z.string(), z.unknown()).safeParse(declared).data ?? {};
  return new Map(Object.values(found).flatMap((one) => makingOf(declaredSecret.safeParse(one).data ?? {})));
}

function makingOf({ stored, next, generate, certificate_authority: authority }: DeclaredSecret): [string, Making][] {
  if (stored === undefined || next !== undefined) return [];
  if (authority !== undefined) return [[stored, { authority: authority.name }]];
  return generate === undefined ? [] : [[stored, { length: generate.length }]];
}
