import { z } from 'zod';
import { parseDuration } from '../duration.js';
import { holdsSecret, type Template, type Text } from '../value.js';

export const template = z.custom<Template>(
  (value) => typeof value === 'object' && value !== null && Array.isArray((value as Template).template),
);

/** Limits on a text that are known before the run. */
export interface TextRules {
  /** Whether a secret may go here. Only where nobody but the script can read it. */
  readonly secret?: boolean;
  readonly pattern?: RegExp;
  readonly message?: string;
}

/** What a text must be to arrive as it is, and what is said of one that is not. */
export const wholeCharacters = [
  (value: string): boolean => value.isWellFormed(),
  'half a character (a lone surrogate) cannot be written as UTF-8',
] as const;

/**
 * A value that travels as data: plain text, a number or truth value as its text, or a template with holes. A
 * secret is refused unless `secret` is set; a NUL character always is (no shell can carry it), and so is half a character,
 * which would arrive as another one.
 */
export function text(rules: TextRules = {}): z.ZodType<Text> {
  const plain = z
    .union([z.string(), z.number(), z.boolean()])
    .transform(String)
    .refine((value) => !value.includes('\0'), 'a NUL character cannot be passed to a host')
    .refine(...wholeCharacters)
    .refine(
      (value) => rules.pattern?.test(value) ?? true,
      rules.message ?? `does not match ${rules.pattern?.source ?? ''}`,
    );
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
  z
    .string('must be in quotes, such as "0640"')
    .regex(/^[0-7]{3,4}$/, 'must be three or four octal digits in quotes, such as "0640"');

/** A user or group of the host. */
export const account = (): z.ZodType<string> =>
  z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user or group name');

/** Who a file belongs to: a user or group that the host knows, or a number, such as one of a container's own list. */
export const owner = (): z.ZodType<Text> =>
  text({
    pattern: /^(?:[a-z_][a-z0-9_-]{0,31}|0|[1-9]\d{0,9})$/,
    message: 'must be a user or group name, or a number',
  });

/** Data for a script, by name. `BELAY_…` is taken; PATH and locale are fixed by the runner and may be set anew. */
export const environment = (): z.ZodType<Record<string, Text>> =>
  z
    .record(
      z
        .string()
        .regex(
          /^[A-Za-z_][A-Za-z0-9_]*$/,
          'must be a variable name: letters, digits and "_", not beginning with a digit',
        )
        .regex(/^(?!BELAY_)/, 'names that begin with BELAY_ are taken'),
      text({ secret: true }),
    )
    .describe('Values for the script, as environment variables; secrets may go here');

/** A length of time in whole seconds: `90`, `90s`, `5m`, `1h30m` or `30d`; the parsed value is in seconds. */
export const duration = (): z.ZodType<number> =>
  z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      const seconds = /^\d{1,9}$/.test(String(value)) ? Number(value) : parseDuration(String(value));
      if (seconds !== undefined && Number.isSafeInteger(seconds)) return seconds;
      context.addIssue({ code: 'custom', message: 'must be a length of time such as 90s, 5m, 2h or 30d' });
      return z.NEVER;
    })
    .meta({ title: 'duration' }) as unknown as z.ZodType<number>;

/** A TCP port, known now or by the time the step runs. */
export const port = (): z.ZodType<Text> =>
  text({
    pattern: /^(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$/,
    message: 'must be a port from 1 to 65535',
  });

/** An IP address of version 4 or 6, known now or by the time the step runs. */
export const ipAddress = (): z.ZodType<Text> =>
  text({
    pattern: /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?=.*:.*:)[0-9A-Fa-f:.]+)$/,
    message: 'must be an IP address',
  });

/** One text or several, always as a list. */
export const oneOrMore = (rules: TextRules = {}): z.ZodType<Text[]> =>
  z.union([text(rules).transform((one) => [one]), z.array(text(rules)).min(1)]) as unknown as z.ZodType<Text[]>;

/** Exit codes by which a command says that it is done. */
export const exits = (): z.ZodType<number[]> =>
  z.array(z.int().min(0).max(255)).min(1).describe('Exit codes that mean done; 0 alone where absent');
