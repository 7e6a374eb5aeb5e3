import { z } from 'zod';
import { prototypeNames } from '../types/value-type.js';

/** Words that expressions read otherwise, so nothing can be called by them. */
const reserved = [
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
];

/** A name that expressions can use: of a parameter, a step, a registered value, a declared secret, a group. */
export const expressionName = (what: string) =>
  z
    .string()
    .regex(
      /^[a-z][a-z0-9_]{0,39}$/,
      `${what} begins with a small letter and has at most 40 small letters, digits and "_"`,
    )
    .refine((name) => !reserved.includes(name), `${what} may not be a word of the expression language`);

/** The name of a document: of a runbook or a fragment. */
export const documentName = (what: string) =>
  z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, `${what} is named with small letters, digits and "-"`);

/** What a document does, in the words of its author. */
export const about = () => z.string().min(1).max(2000).describe('What it does, in a sentence or two');

/** The name of a field of a record, as programs write them. */
export const fieldName = () =>
  z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a field is named with letters, digits and "_", and begins with no digit')
    .refine((name) => !reserved.includes(name), 'a field may not be a word of the expression language')
    .refine((name) => !prototypeNames.includes(name), 'a field may not be called so');

/** The name under which a secret is stored. */
export const storedName = () =>
  z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'a stored secret is named with small letters, digits, "_" and "-"');

/** One line of text for people. */
export const line = (limit = 200) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(limit)
    .regex(/^[^\r\n]*$/, 'must be one line');

/** The number of a requirement, `g316-042`, or all from one to another, `g316-042..g316-050`. */
export const covered = () =>
  z
    .string()
    .regex(
      /^[a-z][a-z0-9]*-\d{2,3}[a-z]?(?:\.\.[a-z][a-z0-9]*-\d{2,3}[a-z]?)?$/,
      'a number is written as in g316-042, and a range of them as in g316-042..g316-050',
    );

/** A step of the same document, `replicas_agree`, or of another one below `runbooks/`, `gluu/verify:replicas_agree`. */
export const proof = () =>
  z
    .string()
    .regex(
      /^(?:[a-z0-9][a-z0-9_-]*(?:\/[a-z0-9][a-z0-9_-]*)*:)?[a-z][a-z0-9_]{0,39}$/,
      'a proof is the id of a step, after the runbook that it is in: gluu/verify:replicas_agree',
    );
