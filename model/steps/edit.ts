import { z } from 'zod';
import type { TransformArgument } from '../operation.js';
import type { Template, Value } from '../value.js';
import { isPointer } from '../transforms/json-text.js';
import { oneOrMore, path, template, text } from './arguments.js';
import { captureFile, refusal, replaceFile, restoreFile, verifyFile } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';

const file = path().describe('A file that exists on the host');
const oneLine = { secret: true, pattern: /^[^\r\n]*$/, message: 'must be a single line' } as const;

/** Keys with what they shall be. A key of words has no space; one of properties may. */
const keyed = (key: RegExp) => ({
  set: z
    .record(z.string().regex(key, 'is no key'), oneOrMore(oneLine))
    .optional()
    .describe('What each key shall be; a list makes a line for each; secrets may go here'),
  unset: z.array(z.string().regex(key, 'is no key')).min(1).optional().describe('Keys that shall not be there'),
});

const section = z.string().regex(/^[^\]\r\n\0]*$/, 'is no name of a section');
const iniKey = z.string().regex(/^[^\s#;=:[](?:[^=:\r\n\0]*[^\s=:])?$/, 'is no key');

const pointer = z
  .string()
  .refine(
    (value) => value !== '' && isPointer(value) && !value.split('/').includes('~json'),
    'must be a JSON pointer such as /server/port',
  );
/** Whether a value is an expression, and not a JSON value that happens to look like one. */
const isHole = (value: unknown): value is Template =>
  template.safeParse(value).success &&
  (value as Template).template.some((piece) => typeof piece === 'object' && 'sees' in piece);
const holds = (value: unknown): boolean =>
  isHole(value) || (typeof value === 'object' && value !== null && Object.values(value).some(holds));
const treeValue = z
  .union([template, z.json() as z.ZodType<Value>])
  .refine(
    (value) => isHole(value) || !holds(value),
    'an expression must be the whole value; set each place by its own pointer',
  );

/** Places in a tree, by pointer. */
const tree = {
  set: z
    .record(pointer, treeValue)
    .optional()
    .describe(
      'What shall be where, by JSON pointer (RFC 6901): /server/port, or /list/- for an item that the list shall have; ' +
        'all but the last segment must be there; secrets may go here. What only the run knows is set in its own type, or as a ' +
        'text where it is a piece of one',
    ),
  unset: z.array(pointer).min(1).optional().describe('Members that shall not be there'),
};

const schema = z.discriminatedUnion('format', [
  z
    .strictObject({ file, format: z.literal('words'), ...keyed(/^[^\s#\0]\S*$/) })
    .describe('Lines of `key value…`, as in redis.conf; not for files with sections'),
  z
    .strictObject({ file, format: z.literal('properties'), ...keyed(/^[\x20-\x7e]+$/) })
    .describe('Lines of `key=value`, as Java reads them'),
  z
    .strictObject({
      file,
      format: z.literal('lines'),
      present: z.array(text(oneLine)).min(1).optional().describe('Whole lines that shall be there'),
      absent: z.array(text(oneLine)).min(1).optional().describe('Whole lines that shall not be there'),
      after: text(oneLine).optional().describe('New lines go after the last line that is exactly this'),
      before: text(oneLine).optional().describe('New lines go before the first line that is exactly this'),
    })
    .describe('Whole lines, compared exactly'),
  z
    .strictObject({
      file,
      format: z.literal('ini'),
      set: z
        .record(section, z.record(iniKey, oneOrMore(oneLine)))
        .optional()
        .describe(
          'By section, what each key shall be; a list makes a line for each; the section "" is before the first header',
        ),
      unset: z.record(section, z.array(iniKey).min(1)).optional().describe('By section, keys that shall not be there'),
      inline_comments: z
        .boolean()
        .default(false)
        .describe('Whether ` #` and ` ;` end a value; the comment then stays where the value changes'),
    })
    .describe('Sections of `key = value`: systemd units, my.cnf, php.ini'),
  z.strictObject({ file, format: z.literal('json'), ...tree }).describe('JSON, without comments'),
  z
    .strictObject({ file, format: z.literal('yaml'), ...tree })
    .describe('One YAML 1.2 document; comments and layout stay, and what is written YAML 1.1 reads alike'),
]);
type Arguments = z.infer<typeof schema>;

export const edit = stepKind<Arguments>({
  kind: 'edit',
  about: 'Changes some settings of a text file; every other line stays byte for byte.',
  schema,
  undo: 'restore',
  repeatable: true,
  compile(args) {
    return {
      on: 'host',
      capture: { text: captureFile, arguments: [args.file, 'exists'] },
      transform: { name: args.format, arguments: rulesOf(args) },
      do: { text: replaceFile, arguments: [args.file, '', '', '', '0600'], refusal },
      verify: { text: verifyFile, arguments: [args.file, '', '', ''], printsImage: true },
      undo: { text: restoreFile, arguments: [args.file] },
    };
  },
});

type Rules = Readonly<Record<string, TransformArgument>>;

function rulesOf(args: Arguments): Rules {
  if (args.format === 'lines') return rulesOfLines(args);
  const { set = {}, unset = [] } = args;
  if (Object.keys(set).length + Object.keys(unset).length === 0) throw new Unusable([], 'needs `set` or `unset`');
  if (args.format === 'ini') return rulesOfIni(args);
  const names = unset as readonly string[];
  const both = names.findIndex((key) => Object.hasOwn(set, key));
  if (both >= 0) throw new Unusable(['unset', both], `"${names[both]}" is also set`);
  return args.format === 'json' || args.format === 'yaml' ? rulesOfTree(args) : { set: args.set ?? {}, unset: names };
}

function rulesOfLines(args: Extract<Arguments, { format: 'lines' }>): Rules {
  const { present = [], absent = [], after, before } = args;
  if (present.length + absent.length === 0) throw new Unusable([], 'needs `present` or `absent`');
  if (after !== undefined && before !== undefined) throw new Unusable(['before'], 'stands beside `after`; choose one');
  return { present, absent, ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
}

function rulesOfIni(args: Extract<Arguments, { format: 'ini' }>): Rules {
  const { set = {}, unset = {}, inline_comments } = args;
  for (const [name, keys] of Object.entries(unset)) {
    const both = keys.findIndex((key) => Object.hasOwn(set[name] ?? {}, key));
    if (both >= 0) throw new Unusable(['unset', name, both], `"${keys[both]}" is also set`);
  }
  return { set, unset, inline_comments };
}

/** Values that are no texts travel as JSON text, so that no member of theirs can be taken for an expression. */
function rulesOfTree({ set = {}, unset = [] }: Extract<Arguments, { format: 'json' | 'yaml' }>): Rules {
  const sets = Object.entries(set).map(([at, value]) => {
    return {
      pointer: at,
      ...(isHole(value) ? { value } : typeof value === 'string' ? { text: value } : { json: JSON.stringify(value) }),
    };
  });
  return { set: sets, unset };
}
