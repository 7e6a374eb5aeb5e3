import { z } from 'zod';
import { duration } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';
import {
  captureService,
  checkService,
  restartService,
  restoreService,
  setService,
  verifyService,
} from './service.sh.js';

const schema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9@._:-]*$/, 'must be the name of a service'),
  running: z.boolean().optional().describe('Whether it runs; left as it is where absent'),
  enabled: z.boolean().optional().describe('Whether it starts with the host; left as it is where absent'),
  restart_after: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Steps whose changes it must be restarted for; the restart is owed until it has been verified'),
  process: z
    .string()
    .regex(/^[^\s/][^\s/]*$|^\/\S+$/, 'must be the absolute path of an executable, or the name of a process')
    .optional()
    .describe('Its executable, or the name of its process: how it is found where an init script leaves no pid file'),
  pid_file: z
    .string()
    .regex(/^\/\S+$/, 'must be an absolute path')
    .optional(),
  patience: duration().default(30).describe('How long a start or a stop may take'),
});
type Arguments = z.infer<typeof schema>;

export const service = stepKind<Arguments>({
  kind: 'service',
  about: 'Has a service run or not, and start with the host or not; restarts it when an earlier change owes that.',
  schema,
  undo: 'restore',
  repeatable: true,
  compile(args) {
    if (args.running === undefined && args.enabled === undefined)
      throw new Unusable([], 'needs `running` or `enabled`');
    if (args.restart_after && args.running !== true) throw new Unusable(['restart_after'], 'needs `running: true`');
    const found = [args.name, args.process ?? '', args.pid_file ?? '', String(args.patience)];
    const wanted = [...found, word(args.running), word(args.enabled)];
    return {
      on: 'host',
      check: { text: checkService, arguments: wanted },
      capture: { text: captureService, arguments: found },
      do: { text: setService, arguments: wanted, refusal },
      verify: { text: verifyService, arguments: wanted },
      undo: { text: restoreService, arguments: found },
      restart: { text: restartService, arguments: found },
      service: args.name,
    };
  },
  owed: (args) => ({ service: args.name, after: args.restart_after ?? [] }),
});

function word(wish: boolean | undefined): string {
  return wish === undefined ? '' : wish ? 'yes' : 'no';
}
