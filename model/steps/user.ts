import { z } from 'zod';
import { account, path, text } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';
import { captureUser, checkUser, restoreUser, setUser } from './user.sh.js';

const noColon = { pattern: /^[^:\r\n]*$/, message: 'must be one line without ":"' } as const;

export const user = stepKind({
  kind: 'user',
  about: 'Has a local user be there, with what is asked for; undo takes away only what was added.',
  schema: z.strictObject({
    name: account(),
    system: z
      .boolean()
      .default(false)
      .describe('Whether a new user is one of the system: a low number, no home of its own'),
    uid: z
      .int()
      .min(1)
      .max(4_294_967_293)
      .optional()
      .describe('The number of a new user; an existing one must have it'),
    group: account()
      .optional()
      .describe('Primary group, which must be there; a new user gets one of its own where absent'),
    groups: z.array(account()).min(1).optional().describe('Groups that the user is in, besides others'),
    home: path().optional().describe('Home folder, as the list of users names it'),
    make_home: z.boolean().default(false).describe('Whether a new home folder is made for a new user'),
    shell: path().optional().describe('Login shell, such as /usr/sbin/nologin'),
    comment: text(noColon).optional(),
    locked: z.boolean().optional().describe('Whether no password lets the user in; keys still do'),
  }),
  undo: 'restore',
  repeatable: true,
  compile(args) {
    const { name, group = '', groups = [], home = '', shell = '', comment = '' } = args;
    if (groups.includes(group)) throw new Unusable(['groups', groups.indexOf(group)], `${group} is the primary group`);
    if (args.make_home && home === '') throw new Unusable(['make_home'], 'needs `home`');
    const asked = {
      uid: args.uid === undefined ? '' : String(args.uid),
      ...{ group, groups: groups.join(','), home, shell, comment },
      locked: args.locked === undefined ? '' : args.locked ? 'yes' : 'no',
    };
    const wanted = [name, ...Object.values(asked)];
    const made = [args.system ? 'yes' : 'no', args.make_home ? 'yes' : 'no'];
    return {
      on: 'host',
      check: { text: checkUser, arguments: wanted },
      capture: { text: captureUser, arguments: wanted },
      do: { text: setUser, arguments: [...wanted, ...made], refusal },
      verify: { text: checkUser, arguments: wanted },
      undo: { text: restoreUser, arguments: wanted },
    };
  },
});
