import { z } from 'zod';
import { duration, environment, text } from './arguments.js';
import { collected } from './collected.js';
import { stepKind } from './kind.js';

const schema = z.strictObject({
  ...collected,
  command: z
    .array(text())
    .min(1)
    .describe('A program that prints one number a line: `load1 0.5`, `disk_used_bytes{mount="/"} 1024`'),
  environment: environment().optional(),
  stdin: text({ secret: true }).optional().describe('What the program reads on standard input; secrets may go here'),
  every: duration()
    .refine((seconds) => seconds >= 1, 'must be at least 1s')
    .default(300)
    .describe('How often it is meant to be collected; where it was not, the gap shows'),
});

/** The time comes first, so that who reads the output later knows when it was. */
const timed = `date +%s || exit 1
exec "$@"
`;

export const collectValues = stepKind<z.infer<typeof schema>>({
  kind: 'collect.values',
  about: 'Keeps numbers that a program prints in Belay, with their time. It must change nothing on its host.',
  schema,
  undo: 'nothing',
  repeatable: true,
  alone: true,
  compile: ({ source, labels, keep, every, command, environment: variables, stdin }) => ({
    on: 'host',
    values: { source, labels, keep, every },
    do: {
      text: timed,
      arguments: command,
      ...(variables && { environment: variables }),
      ...(stdin !== undefined && { stdin }),
    },
  }),
});
