import { z } from 'zod';
import type { TransformArgument } from '../operation.js';
import { oneOrMore, path, text } from './arguments.js';
import { captureFile, checkFile, refusal, replaceFile, restoreFile } from './file-state.sh.js';
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
      verify: { text: checkFile, arguments: [args.file, '', '', ''] },
      undo: { text: restoreFile, arguments: [args.file] },
    };
  },
});

function rulesOf(args: Arguments): Readonly<Record<string, TransformArgument>> {
  if (args.format !== 'lines') {
    const { set = {}, unset = [] } = args;
    if (Object.keys(set).length + unset.length === 0) throw new Unusable([], 'needs `set` or `unset`');
    const both = unset.findIndex((key) => Object.hasOwn(set, key));
    if (both >= 0) throw new Unusable(['unset', both], `"${unset[both]}" is also set`);
    return { set, unset };
  }
  const { present = [], absent = [], after, before } = args;
  if (present.length + absent.length === 0) throw new Unusable([], 'needs `present` or `absent`');
  if (after !== undefined && before !== undefined) throw new Unusable(['before'], 'stands beside `after`; choose one');
  return { present, absent, ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
}
