import { z } from 'zod';

const common = {
  help: z.string().optional().describe('What to enter, for the person who is asked'),
  required: z.boolean().optional().describe('false: may be left out although it has no default'),
};

const range = (parameter: { readonly min?: number | undefined; readonly max?: number | undefined }) =>
  (parameter.min ?? -Infinity) <= (parameter.max ?? Infinity);

const text = z.strictObject({
  type: z.literal('text'),
  pattern: z.string().max(500).optional().describe('RE2 pattern that the whole text must match'),
  default: z.string().optional(),
  ...common,
});
const integer = z
  .strictObject({
    type: z.literal('integer'),
    min: z.int().optional(),
    max: z.int().optional(),
    default: z.int().optional(),
    ...common,
  })
  .refine(range, { error: 'min is greater than max', path: ['min'] });
const boolean = z.strictObject({ type: z.literal('boolean'), default: z.boolean().optional(), ...common });
const choice = z.strictObject({
  type: z.literal('choice'),
  choices: z.array(z.string()).min(1).describe('The values that may be entered'),
  default: z.string().optional(),
  ...common,
});
const port = z.strictObject({ type: z.literal('port'), default: z.int().optional(), ...common });
const written = (type: 'fqdn' | 'address' | 'duration' | 'size') =>
  z.strictObject({ type: z.literal(type), default: z.string().optional(), ...common });

/** An input of a runbook: its type, its default, and help for whoever is asked. */
export const parameter = z.discriminatedUnion('type', [
  text.describe('Text, as it is'),
  integer.describe('A whole number'),
  boolean.describe('true or false'),
  choice.describe('One of some texts'),
  port.describe('A TCP port, 1 to 65535'),
  written('fqdn').describe('A host name with its domain, such as cache.example.org'),
  written('address').describe('An IPv4 or IPv6 address'),
  written('duration').describe('A length of time with its unit, such as 30s or 1h30m; inSeconds() gives the number'),
  written('size').describe('An amount with its unit, such as 512MiB; inBytes() gives the number'),
]);
export type Parameter = z.infer<typeof parameter>;
export type ParameterType = Parameter['type'];

/** How a parameter's value is seen by expressions. */
export const expressionTypeOf: Readonly<Record<ParameterType, 'string' | 'int' | 'bool'>> = {
  text: 'string',
  integer: 'int',
  boolean: 'bool',
  choice: 'string',
  port: 'int',
  fqdn: 'string',
  address: 'string',
  duration: 'string',
  size: 'string',
};
