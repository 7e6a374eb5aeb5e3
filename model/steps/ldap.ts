import { z } from 'zod';
import { readName } from '../directory-name.js';
import type { Bytes } from '../operation.js';
import type { Text } from '../value.js';
import { ipAddress, text } from './arguments.js';

/** The keys of every step that changes a directory: which server, and as whom. */
export const server = {
  url: text({ pattern: /^ldaps:\/\/[^/?#]+$/, message: 'must be ldaps://host or ldaps://host:port' }),
  address: ipAddress()
    .optional()
    .describe("Where to connect, whatever the URL's name resolves to; the certificate must still be for that name"),
  authority: text({ secret: true }).describe("PEM of the authority that signed the server's certificate"),
  bind: z.strictObject({ dn: text(), password: text({ secret: true }) }),
};

/** A distinguished name, checked where it is known. */
export const entryName = () =>
  text().refine(
    (name) => typeof name !== 'string' || (readName(name)?.length ?? 0) > 0,
    'must be a distinguished name such as uid=alice,ou=people,o=example; escape , + " \\ < > ; in values with a \\',
  );

export const attributeName = () =>
  z
    .string()
    .regex(
      /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*$/,
      'must be the name of an attribute, with options after ";" where it has them',
    );

const value = z.union([
  text({ secret: true }),
  z.strictObject({ base64: z.base64() }) as z.ZodType<Bytes>,
]) as unknown as z.ZodType<Text | Bytes>;

/** One value or several, by attribute; bytes that are no text as `{ base64: … }`. */
export const attributes = (atLeast: 0 | 1) =>
  z.record(
    attributeName(),
    z.union([value.transform((one) => [one]), z.array(value).min(atLeast)]) as unknown as z.ZodType<(Text | Bytes)[]>,
  );
