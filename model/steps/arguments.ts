import { z } from 'zod';
import { holdsSecret, type Template, type Text } from '../value.js';

const template = z.custom<Template>(
  (value) => typeof value === 'object' && value !== null && Array.isArray((value as Template).template),
);

/** Limits on a text that are known before the run. */
interface TextRules {
  /** Whether a secret may go here. Only where nobody but the script can read it. */
  readonly secret?: boolean;
  readonly pattern?: RegExp;
  readonly message?: string;
}

/**
 * A value that travels as data: plain text, a number or truth value as its text, or a template with holes. A
 * secret is refused unless `secret` is set; a NUL character always is (no shell can carry it).
 */
export function text(rules: TextRules = {}): z.ZodType<Text> {
  const plain = z
    .union([z.string(), z.number(), z.boolean()])
    .transform(String)
    .refine((value) => !value.includes('\0'), 'a NUL character cannot be passed to a host')
    .refine((value) => rules.pattern?.test(value) ?? true, rules.message ?? `does not match ${rules.pattern?.source ?? ''}`);
  const holes = template.refine(
    (value) => rules.secret === true || !holdsSecret(value),
    'a secret may not go here: others could read it; pass it in stdin, environment or a file',
  );
  return z.union([holes, plain]).meta({ title: 'text' }) as unknown as z.ZodType<Text>;
}

/** An absolute path on a host, without `..`, with no trailing slash. */
export const path = (): z.ZodType<Text> =>
  text({
    pattern: /^\/(?!.*(?:^|\/)\.\.(?:\/|$))(?:.*[^/])?$/s,
    message: 'must be an absolute path without ".." and without a trailing "/"',
  });

/** File permissions, three or four octal digits in quotes (YAML reads an unquoted 0640 as a number). */
export const mode = (): z.ZodType<string> =>
  z.string('must be in quotes, such as "0640"').regex(/^[0-7]{3,4}$/, 'must be three or four octal digits in quotes, such as "0640"');

/** A user or group of the host. */
export const account = (): z.ZodType<string> => z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user or group name');
