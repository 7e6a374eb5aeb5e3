import { z } from 'zod';
import { timeFormats } from '../collect/time-of.js';
import { patternTrouble } from '../pattern.js';
import { parseSize } from '../size.js';
import { oneOrMore } from './arguments.js';
import { collected } from './collected.js';
import { stepKind } from './kind.js';

const pattern = (): z.ZodType<string> =>
  z
    .string()
    .min(1)
    .max(500)
    .superRefine((given, context) => {
      const trouble = patternTrouble(given);
      if (trouble !== undefined) context.addIssue({ code: 'custom', message: `is no RE2 pattern: ${trouble}` });
    });

const schema = z.strictObject({
  ...collected,
  files: oneOrMore({
    pattern: /^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^\n]*[^/\n]$/,
    message: 'must be an absolute path without ".."; `*`, `?` and `[…]` stand for what they do in a shell',
  }).describe('Which files, those that a rotation has set aside among them: /var/log/app.log*'),
  begins: pattern()
    .optional()
    .describe('RE2 pattern of a line that begins a record; lines without it belong to the record before'),
  only: pattern()
    .optional()
    .describe('RE2 pattern of what is kept of files that others write to, too; records without it are passed over'),
  time: z
    .enum(timeFormats)
    .default('none')
    .describe('How a record says its time; when it was read, where it says none'),
  mask: z
    .array(pattern())
    .max(50)
    .default([])
    .describe('RE2 patterns of what is masked, beside passwords, tokens, keys and e-mail addresses'),
  hide: oneOrMore({ secret: true })
    .default([])
    .describe('Texts that are masked wherever they stand; secrets may go here'),
  most: z
    .string()
    .default('64MiB')
    .transform((given, context) => {
      const size = parseSize(given);
      if (size !== undefined && size >= 1024 * 1024 && size <= 4 * 1024 ** 3) return size;
      context.addIssue({ code: 'custom', message: 'must be a size from 1MiB to 4GiB' });
      return z.NEVER;
    })
    .describe('How much is read at once; the next step goes on there'),
  from: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .describe('Where files are begun that are there when it is collected for the first time'),
});

/** What collecting came to is what the step prints. */
const tell = 'cat\n';

export const collectLines = stepKind<z.infer<typeof schema>>({
  kind: 'collect.lines',
  about:
    'Keeps the records of files, such as logs, in Belay, masked: what has been added since they were collected last, each once, also over rotation. ' +
    'What was lost in between is kept as a gap.',
  schema,
  undo: 'nothing',
  repeatable: true,
  alone: true,
  compile: ({ source, labels, keep, files, begins, only, time, mask, hide, most, from }) => ({
    on: 'host',
    lines: {
      source,
      files,
      ...(begins !== undefined && { begins }),
      ...(only !== undefined && { only }),
      time,
      masks: mask,
      hide,
      labels,
      keep,
      most,
      from,
    },
    do: { text: tell },
  }),
});
