import { z } from 'zod';
import { isSchedule } from '../transforms/cron-job.js';
import { account, text, wholeCharacters } from './arguments.js';
import { captureCron, checkCron, restoreCron, setCron, showCron } from './cron.sh.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';

const oneLine = { pattern: /^[^\r\n]*$/, message: 'must be a single line' } as const;
const advice =
  'a line of sh is constant text: give the program and its arguments as a list, each of which may be a value';

/** A line of sh in which nothing is ever replaced, or words that no shell reads anything in. */
const command = z.union([
  z
    .string(advice)
    .refine((line) => !line.includes('${{'), advice)
    .refine((line) => /^[^\r\n\0]*\S[^\r\n\0]*$/.test(line), oneLine.message)
    .refine(...wholeCharacters)
    .meta({ constant: true }),
  z.array(text(oneLine)).min(1),
]);

export const cron = stepKind({
  kind: 'cron',
  about: 'Has cron start a command: from a file of its own in /etc/cron.d, or from a marked block of a crontab.',
  schema: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, "_" and "-": cron passes over other files')
      .describe('The name of the file, or of the block'),
    schedule: z
      .string()
      .refine(isSchedule, 'must be five fields such as "*/5 * * * *", or a word such as "@daily"')
      .describe('When: five fields, or @reboot, @hourly, @daily, @weekly, @monthly, @yearly'),
    user: account().default('root').describe('As whom the command runs'),
    command: command.describe('One line of sh, or the program and its arguments as a list; a "%" means itself'),
    environment: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name'), text())
      .optional()
      .describe('Variables of the file, such as PATH or MAILTO; not in a crontab, whose other jobs would get them too'),
    crontab: z.boolean().default(false).describe("Whether it goes into the user's own crontab"),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ name, crontab, user, environment = {}, ...job }) {
    if (crontab && Object.keys(environment).length > 0)
      throw new Unusable(['environment'], 'stands beside `crontab`; other jobs would get it too');
    const place = [crontab ? 'crontab' : 'file', name, user];
    return {
      on: 'host',
      capture: { text: captureCron, arguments: place },
      shows: { text: showCron, arguments: place, path: crontab ? `crontab of ${user}` : `/etc/cron.d/${name}` },
      transform: { name: 'cron', arguments: { name, crontab, user, environment, ...job } },
      do: { text: setCron, arguments: place, refusal },
      verify: { text: checkCron, arguments: place },
      undo: { text: restoreCron, arguments: place },
    };
  },
});
