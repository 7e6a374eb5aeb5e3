import { z } from 'zod';
import { environment, exits, text } from './arguments.js';
import { stepKind } from './kind.js';

const advice = 'a script is constant text: pass values by `environment:` and write "$NAME" in the script';

/** Script text in which nothing is ever replaced, so that no value can become code. */
const opaque = (): z.ZodType<string> =>
  z
    .unknown()
    .refine((value) => typeof value === 'string', advice)
    .refine((value) => typeof value !== 'string' || !value.includes('${{'), advice)
    .refine((value) => typeof value !== 'string' || !value.includes('\0'), 'a NUL character cannot be passed to a host')
    .meta({ type: 'string', minLength: 1, constant: true }) as unknown as z.ZodType<string>;

export const shell = stepKind({
  kind: 'shell',
  about: 'Runs a POSIX shell script: constant text, with values passed beside it.',
  schema: z.strictObject({
    shell: opaque().describe('The script; `$NAME` reads what `environment:` passes'),
    environment: environment().optional(),
    stdin: text({ secret: true }).optional().describe('What the script reads on standard input; secrets may go here'),
    ok_exits: exits().optional(),
    check: opaque().optional().describe('A script that exits with 0 where it is already so, with 1 where it is not'),
    verify: opaque().optional().describe('A script that exits with 0 where the effect is there'),
  }),
  beside: ['environment', 'stdin', 'ok_exits', 'check', 'verify'],
  texts: ['shell', 'check', 'verify', 'stdin'],
  undo: 'author',
  repeatable: false,
  compile(args) {
    const data = args.environment && { environment: args.environment };
    return {
      on: 'host',
      ...(args.check !== undefined && { check: { text: args.check, ...data } }),
      do: {
        text: args.shell,
        ...data,
        ...(args.stdin !== undefined && { stdin: args.stdin }),
        ...(args.ok_exits && { doneExits: args.ok_exits }),
      },
      ...(args.verify !== undefined && { verify: { text: args.verify, ...data } }),
    };
  },
});
