import { z } from 'zod';
import { duration, oneOrMore, text } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';
import { capturePackages, checkPackages, installPackages, removePackages } from './package.sh.js';

const schema = z.strictObject({
  name: oneOrMore({ pattern: /^[a-z0-9][a-z0-9+.-]+$/, message: 'must be the name of a Debian package' }).describe(
    'One package or several',
  ),
  version: text({ pattern: /^[0-9][A-Za-z0-9.+:~-]*$/, message: 'must be a Debian version' })
    .optional()
    .describe('Exactly this version; any installed one is right where absent'),
  recommends: z.boolean().default(false).describe('Whether recommended packages come along'),
  lock_wait: duration().default(300).describe('How long to wait for another apt or dpkg to end'),
});
type Arguments = z.infer<typeof schema>;

export const packageKind = stepKind<Arguments>({
  kind: 'package',
  about: 'Has Debian packages installed; no service of theirs starts before it is told to.',
  schema,
  undo: 'restore',
  repeatable: true,
  compile(args) {
    if (args.version !== undefined && args.name.length > 1)
      throw new Unusable(['version'], 'stands beside several names; give each its own step');
    const wanted = [args.version ?? '', ...args.name];
    const check = { text: checkPackages, arguments: wanted };
    return {
      on: 'host',
      check,
      capture: { text: capturePackages, arguments: wanted },
      do: {
        text: installPackages,
        arguments: [String(args.lock_wait), String(args.recommends), ...wanted],
        refusal,
      },
      verify: check,
      undo: { text: removePackages, arguments: [String(args.lock_wait), ...wanted] },
    };
  },
});
