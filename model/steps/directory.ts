import { z } from 'zod';
import { owner, mode, path } from './arguments.js';
import { captureDirectory, checkDirectory, makeDirectory, restoreDirectory } from './directory.sh.js';
import { refusal } from './file-state.sh.js';
import { stepKind } from './kind.js';

export const directory = stepKind({
  kind: 'directory',
  about: 'Makes a folder be there, with owner and mode. Its parent must exist.',
  schema: z.strictObject({
    path: path().describe('Where, on the host'),
    owner: owner().optional().describe('As it is, or root for a new folder, where absent'),
    group: owner().optional(),
    mode: mode().optional().describe('As it is, or "0755" for a new folder, where absent'),
  }),
  undo: 'restore',
  repeatable: true,
  compile(args) {
    const dress = [args.owner ?? '', args.group ?? '', args.mode ?? ''];
    const check = { text: checkDirectory, arguments: [args.path, ...dress] };
    return {
      on: 'host',
      check,
      capture: { text: captureDirectory, arguments: [args.path] },
      do: { text: makeDirectory, arguments: [args.path, ...dress], refusal },
      verify: check,
      undo: { text: restoreDirectory, arguments: [args.path] },
    };
  },
});
