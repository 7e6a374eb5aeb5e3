import { z } from 'zod';
import { fieldName } from '../runbook/names.js';
import { patternText } from './pattern-text.js';
import { valueLimits, walkType, type Parameter, type ValueType } from './value-type.js';

/** Keys that stand beside a type: none inside lists and maps; default, help and required of parameters and fields. */
interface Beside {
  readonly plain: Readonly<Record<string, z.ZodType>>;
  readonly preset: (value: z.ZodType) => Readonly<Record<string, z.ZodType>>;
}

const inOrder = (type: { readonly min?: unknown; readonly max?: unknown }): boolean =>
  Number(type.min ?? -Infinity) <= Number(type.max ?? Infinity);
const wrongOrder = { error: 'min is greater than max', path: ['min'] };
const entries = () => z.int().min(0).max(valueLimits.entries).optional();

/** Every type that a value can have, one variant each. */
function variants({ plain, preset }: Beside): z.ZodType {
  const numeric = (type: 'integer' | 'number', number: z.ZodType) =>
    z
      .strictObject({
        type: z.literal(type),
        min: number.optional(),
        max: number.optional(),
        ...preset(number),
        ...plain,
      })
      .refine(inOrder, wrongOrder);
  const written = (type: 'fqdn' | 'address' | 'duration' | 'size') =>
    z.strictObject({ type: z.literal(type), ...preset(z.string()), ...plain });
  return z.discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('text'),
        pattern: patternText.optional().describe('RE2 pattern that the whole text must match'),
        ...preset(z.string()),
        ...plain,
      })
      .describe('Text, as it is'),
    numeric('integer', z.int()).describe('A whole number'),
    numeric('number', z.number()).describe('A number'),
    z.strictObject({ type: z.literal('boolean'), ...preset(z.boolean()), ...plain }).describe('true or false'),
    z
      .strictObject({
        type: z.literal('choice'),
        choices: z.array(z.string()).min(1).describe('The values that may be entered'),
        ...preset(z.string()),
        ...plain,
      })
      .describe('One of some texts'),
    z.strictObject({ type: z.literal('port'), ...preset(z.int()), ...plain }).describe('A TCP port, 1 to 65535'),
    written('fqdn').describe('A host name with its domain, such as cache.example.org'),
    written('address').describe('An IPv4 or IPv6 address'),
    written('duration').describe('A length of time with its unit, such as 30s or 1h30m; inSeconds() gives the number'),
    written('size').describe('An amount with its unit, such as 512MiB; inBytes() gives the number'),
    list({ plain, preset }),
    map({ plain, preset }),
  ]);
}

function list({ plain, preset }: Beside) {
  return z
    .strictObject({
      type: z.literal('list'),
      of: z.lazy(() => valueType).describe('The type of its entries'),
      min: entries().describe('Entries, at least'),
      max: entries().describe(`Entries, at most; ${valueLimits.entries} where absent`),
      unique: z.boolean().optional().describe('true: no entry may be there twice'),
      ...preset(z.array(z.unknown())),
      ...plain,
    })
    .refine(inOrder, wrongOrder)
    .describe('A list of values of one type');
}

function map({ plain, preset }: Beside) {
  return z
    .strictObject({
      type: z.literal('map'),
      of: z
        .lazy(() => valueType)
        .optional()
        .describe('The type of its values, where it may have any keys'),
      keys: patternText.optional().describe('RE2 pattern that every key must match as a whole'),
      min: entries().describe('Entries, at least'),
      max: entries().describe(`Entries, at most; ${valueLimits.entries} where absent`),
      fields: z
        .record(
          fieldName(),
          z.lazy(() => field),
        )
        .refine((fields) => Object.keys(fields).length <= valueLimits.fields, `at most ${valueLimits.fields} fields`)
        .optional()
        .describe('Its fields by name, where it is a record'),
      ...preset(z.record(z.string(), z.unknown())),
      ...plain,
    })
    .refine(inOrder, wrongOrder)
    .superRefine((type, context) => {
      const { of, fields, keys, min, max } = type as Partial<Record<string, unknown>>;
      if ((of === undefined) === (fields === undefined))
        context.addIssue({
          code: 'custom',
          message: 'a map has either "of" or "fields"; of: any keys, values of one type; fields: a record',
        });
      if (fields !== undefined && [keys, min, max].some((rule) => rule !== undefined))
        context.addIssue({
          code: 'custom',
          message: 'keys, min and max are for maps with "of"; a record has the fields that it names',
        });
    })
    .describe('Values by key: any keys (of), or a record (fields)');
}

const withPreset: Beside = {
  plain: {
    help: z.string().optional().describe('What to enter, for the person who is asked'),
    required: z.boolean().optional().describe('false: may be left out although it has no default'),
  },
  preset: (value) => ({ default: value.optional() }),
};

/** The type of entries of a list or map. */
export const valueType = variants({ plain: {}, preset: () => ({}) }).meta({
  id: 'valueType',
}) as unknown as z.ZodType<ValueType>;

/** A field of a record. */
export const field = variants(withPreset).meta({ id: 'field' }) as unknown as z.ZodType<Parameter>;

/** An input of a runbook: its type, its default, and help for whoever is asked. */
export const parameter = variants(withPreset).superRefine((type, context) => {
  if (isTooDeep(type as Parameter))
    context.addIssue({ code: 'custom', message: `at most ${valueLimits.depth} types may be inside one another` });
}) as unknown as z.ZodType<Parameter>;

/** True where a value need not be given. */
export function withDefault(type: Parameter): boolean {
  return type.default !== undefined || type.required === false;
}

/** True for a type with more types inside one another than values may have. */
export function isTooDeep(type: ValueType): boolean {
  let deepest = 0;
  walkType(type, (_, path) => {
    deepest = Math.max(deepest, path.filter((name, index) => index === 0 || path[index - 1] !== 'fields').length);
  });
  return deepest >= valueLimits.depth;
}
