import { z } from 'zod';
import { runsArguments } from '../operation.js';
import { environment, exits, path, text } from './arguments.js';
import { stepKind } from './kind.js';

/** Already so where the file exists; a path that leads nowhere is "not so". */
const creates = `[ -e "$1" ] && exit 0
exit 1
`;

export const command = stepKind({
  kind: 'command',
  about: 'Runs one program with a list of arguments, without a shell in between.',
  schema: z.strictObject({
    command: z.array(text()).min(1).describe('The program and its arguments; anybody on the host can see them'),
    environment: environment().optional(),
    stdin: text({ secret: true }).optional().describe('What the program reads on standard input; secrets may go here'),
    ok_exits: exits().optional(),
    creates: path().optional().describe('The step is already so where this path exists'),
  }),
  beside: ['environment', 'stdin', 'ok_exits', 'creates'],
  texts: ['stdin'],
  undo: 'author',
  repeatable: false,
  compile(args) {
    return {
      on: 'host',
      ...(args.creates !== undefined && { check: { text: creates, arguments: [args.creates] } }),
      do: {
        text: runsArguments,
        arguments: args.command,
        ...(args.environment && { environment: args.environment }),
        ...(args.stdin !== undefined && { stdin: args.stdin }),
        ...(args.ok_exits && { doneExits: args.ok_exits }),
      },
    };
  },
});
