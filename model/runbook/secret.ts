import { z } from 'zod';
import { line, storedName } from './names.js';

/** A secret that a runbook needs: made by the run, or stored beforehand. `{}` is one stored under its own name. */
export const declaredSecret = z
  .strictObject({
    generate: z
      .strictObject({ length: z.int().min(16).max(256).describe('Characters') })
      .optional()
      .describe('Made at random by the run, once'),
    certificate_authority: z
      .strictObject({ name: line(64).describe('Its common name') })
      .optional()
      .describe('A certificate authority made by the run, with the parts certificate and key'),
    stored: storedName().optional().describe('Name of a stored secret ("belay secret set NAME")'),
  })
  .refine(
    (secret) => Object.keys(secret).length <= 1,
    'a secret comes from one place: generate, certificate_authority or stored',
  )
  .meta({ maxProperties: 1 });
export type DeclaredSecret = z.infer<typeof declaredSecret>;
