import { z } from 'zod';
import { account, duration, environment, text } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';
import { captureTimer, restoreTimer, setTimer, showTimer, verifyTimer } from './timer.sh.js';

const oneLine = { pattern: /^[^\r\n]*$/, message: 'must be a single line' } as const;

export const timer = stepKind({
  kind: 'timer',
  about: 'Has systemd start a command at times: a timer unit and its service, enabled and waiting.',
  schema: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be letters, digits, "_", "." and "-"')
      .describe('The name of both units'),
    about: text(oneLine).optional().describe('Their description; the name where absent'),
    command: z
      .tuple([text({ pattern: /^\/[^\r\n]*$/, message: 'must be the absolute path of a program' })])
      .rest(text(oneLine))
      .describe('The program and its arguments; no shell reads them'),
    user: account().optional().describe('As whom the command runs; root where absent'),
    environment: environment().optional(),
    calendar: z
      .array(z.string().regex(/^[^\r\n]*\S[^\r\n]*$/))
      .min(1)
      .optional()
      .describe('Times in systemd\'s words, such as "*-*-* 03:00:00" or "Mon..Fri 08:00"'),
    after_boot: duration().optional().describe('So long after the host has started'),
    every: duration().optional().describe('At once, and so long after each run has ended'),
    persistent: z
      .boolean()
      .default(false)
      .describe('Whether a time of `calendar` that the host was off at is made up for'),
    spread: duration().default(0).describe('By how much each start is put off at random, at most'),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ name, about = name, command, user = '', environment: variables = {}, ...when }) {
    const { calendar = [], after_boot = null, every = null, persistent, spread } = when;
    if (calendar.length === 0 && after_boot === null && every === null)
      throw new Unusable([], 'needs `calendar`, `after_boot` or `every`');
    if (persistent && calendar.length === 0) throw new Unusable(['persistent'], 'needs `calendar`');
    if (every === 0) throw new Unusable(['every'], 'must be longer than nothing');
    for (const [key, value] of Object.entries(variables))
      if (
        typeof value !== 'string' &&
        value.template.some((piece) => typeof piece !== 'string' && piece.sees === 'secret')
      )
        throw new Unusable(['environment', key], 'a secret may not go here: everybody on the host can read units');
    return {
      on: 'host',
      capture: { text: captureTimer, arguments: [name] },
      shows: { text: showTimer, arguments: [name], path: `/etc/systemd/system/${name}.timer and its service` },
      transform: {
        name: 'timer',
        arguments: {
          name,
          about,
          command,
          user,
          environment: variables,
          calendar,
          after_boot,
          every,
          persistent,
          spread,
        },
      },
      do: { text: setTimer, arguments: [name, user, ...calendar], refusal },
      verify: { text: verifyTimer, arguments: [name] },
      undo: { text: restoreTimer, arguments: [name] },
    };
  },
});
