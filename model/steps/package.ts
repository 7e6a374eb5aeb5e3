import { z } from 'zod';
import { duration, oneOrMore, text } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';
import { dnf } from './package-dnf.sh.js';
import { capturePackages, checkPackages, installPackages, removePackages } from './package.sh.js';

const schema = z.strictObject({
  name: oneOrMore({ pattern: /^[A-Za-z0-9][A-Za-z0-9+._-]+$/, message: 'must be the name of a package' }).describe(
    'One package or several',
  ),
  manager: z.enum(['apt', 'dnf']).default('apt').describe('What installs packages on this host'),
  version: text({ pattern: /^[A-Za-z0-9][A-Za-z0-9.+:~^_-]*$/, message: 'must be a version' })
    .optional()
    .describe('Exactly this version; any installed one is right where absent'),
  recommends: z.boolean().default(false).describe('Whether recommended packages come along'),
  lock_wait: duration().default(300).describe('How long to wait for another apt or dpkg to end'),
});
type Arguments = z.infer<typeof schema>;

const apt = { check: checkPackages, capture: capturePackages, set: installPackages, remove: removePackages };
const managers = { apt, dnf };

export const packageKind = stepKind<Arguments>({
  kind: 'package',
  about: 'Has packages installed, by apt or dnf; no service of theirs starts before it is told to.',
  schema,
  undo: 'restore',
  repeatable: true,
  compile(args) {
    if (args.version !== undefined && args.name.length > 1)
      throw new Unusable(['version'], 'stands beside several names; give each its own step');
    const wanted = [args.version ?? '', ...args.name];
    const scripts = managers[args.manager];
    const check = { text: scripts.check, arguments: wanted };
    return {
      on: 'host',
      check,
      capture: { text: scripts.capture, arguments: wanted },
      do: {
        text: scripts.set,
        arguments: [String(args.lock_wait), String(args.recommends), ...wanted],
        refusal,
      },
      verify: check,
      undo: { text: scripts.remove, arguments: [String(args.lock_wait), ...wanted] },
    };
  },
});
