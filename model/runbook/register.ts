import { z } from 'zod';
import { formats, type Parsing } from '../parse/formats.js';
import { field, isTooDeep, valueType } from '../types/parameter.js';
import { valueLimits, type MapType, type ValueType } from '../types/value-type.js';
import { isPointer } from '../transforms/json-text.js';
import { fieldName } from './names.js';

const written = z.strictObject({
  from: z.enum(['stdout', 'stderr', 'exit']).describe('Where the value comes from'),
  trim: z.boolean().default(false).describe('Removes space and line breaks at both ends'),
  parse: z.enum(formats).optional().describe('What the output is read as; one text where absent'),
  at: z
    .string()
    .refine(isPointer, 'must be a JSON pointer (RFC 6901), such as /pools/0/name')
    .optional()
    .describe('json: pointer to the part that is wanted'),
  columns: z
    .array(fieldName())
    .min(1)
    .max(valueLimits.fields)
    .refine((names) => new Set(names).size === names.length, 'no two columns may have one name')
    .optional()
    .describe('tsv: names of the columns; the first line of the output where absent'),
  type: z
    .enum(['text', 'integer', 'number', 'boolean', 'list', 'map'])
    .optional()
    .describe('text where absent; integer for an exit code; what it is read as says the rest'),
  of: z
    .lazy(() => valueType)
    .optional()
    .describe('Type of the entries of a list, or of the values of a map'),
  fields: z
    .record(
      fieldName(),
      z.lazy(() => field),
    )
    .optional()
    .describe('Fields of a map that is a record; others are left out'),
});
type Written = z.infer<typeof written>;

/** A value kept from a step's output. */
export const register = written.superRefine(check).transform(planned);

/** Which `type` goes with what is parsed; json has any, ldif its own. */
const typeOfFormat = { lines: 'list', tsv: 'list', properties: 'map' } as const;

function check(rule: Written, context: z.RefinementCtx): void {
  const wrong = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
  const { from, parse, type, of, fields } = rule;
  if (from === 'exit' && type !== undefined && type !== 'integer') wrong('type', 'an exit code is an integer');
  if (from === 'exit' && parse !== undefined) wrong('parse', 'an exit code is a number and no output; take it out');
  if (rule.at !== undefined && parse !== 'json') wrong('at', '"at" points into JSON; add "parse: json"');
  if (rule.columns !== undefined && parse !== 'tsv') wrong('columns', '"columns" names those of "parse: tsv"');
  if (parse === undefined) return checkPlain(rule, wrong);
  if (rule.trim) wrong('trim', 'what is parsed is not trimmed; take it out');
  if (parse === 'json' && type === undefined)
    return wrong('parse', 'JSON may be anything; add "type", and "of" or "fields"');
  if (parse === 'ldif') {
    if (type !== undefined || of !== undefined || fields !== undefined)
      wrong('parse', 'LDIF is a list of { dn, attributes }; take out type, of and fields');
    return;
  }
  const wanted = parse === 'json' ? undefined : typeOfFormat[parse];
  if (wanted !== undefined && type !== undefined && type !== wanted)
    return wrong('type', `"parse: ${parse}" is a ${wanted}`);
  checkShape(rule, wanted ?? type, wrong);
}

type Wrong = (key: string, message: string) => void;

function checkPlain({ type, of, fields }: Written, wrong: Wrong): void {
  for (const [key, given] of Object.entries({ of, fields }))
    if (given !== undefined) wrong(key, `"${key}" is for what is parsed; add "parse"`);
  if (type === 'list' || type === 'map' || type === 'number')
    wrong('type', `a ${type} is read from output; add "parse"`);
}

function checkShape(rule: Written, type: Written['type'], wrong: Wrong): void {
  const { of, fields, parse } = rule;
  if (fields !== undefined && type !== 'map')
    wrong('fields', 'fields are those of a map; for a list write of: { type: map, fields: … }');
  if (of !== undefined && type !== 'list' && type !== 'map') wrong('of', '"of" is for lists and maps');
  if (of !== undefined && fields !== undefined) wrong('of', 'a map has either "of" or "fields"');
  if (parse === 'json' && (type === 'list' || type === 'map') && of === undefined && fields === undefined)
    wrong('type', `a ${type} says what is in it; add "of"${type === 'map' ? ' or "fields"' : ''}`);
  if (isTooDeep(typeOf(rule))) wrong('parse', `at most ${valueLimits.depth} types may be inside one another`);
}

const text: ValueType = { type: 'text' };
const ldifType: ValueType = {
  type: 'list',
  of: {
    type: 'map',
    fields: { dn: text, attributes: { type: 'map', of: { type: 'list', of: text } } },
  },
};

/** The type of a parsed value, from what was written and what its format says. */
function typeOf({ parse, type, of, fields, columns }: Written): ValueType {
  if (parse === 'ldif') return ldifType;
  if (parse === 'lines') return { type: 'list', of: of ?? text };
  if (parse === 'tsv') return { type: 'list', of: of ?? rowType(columns) };
  if (parse === 'properties' || type === 'map') return mapType(of, fields);
  return type === 'list' ? { type: 'list', of: of ?? text } : { type: type ?? 'text' };
}

function rowType(columns: readonly string[] | undefined): ValueType {
  return columns === undefined
    ? { type: 'map', of: text }
    : { type: 'map', fields: Object.fromEntries(columns.map((name) => [name, text])) };
}

function mapType(of: ValueType | undefined, fields: MapType['fields']): MapType {
  return fields === undefined ? { type: 'map', of: of ?? text } : { type: 'map', fields };
}

function planned(rule: Written) {
  const { from, trim, parse, at, columns } = rule;
  if (parse === undefined) return { from, trim, type: plainType(rule) };
  const parsing: Parsing = {
    format: parse,
    ...(at !== undefined && { at }),
    ...(columns !== undefined && { columns }),
  };
  const value = typeOf(rule);
  return { from, trim, type: value.type, parse: parsing, value };
}

function plainType({ from, type }: Written): 'text' | 'integer' | 'boolean' {
  if (from === 'exit') return 'integer';
  return type === 'integer' || type === 'boolean' ? type : 'text';
}
