import { z } from 'zod';
import { owner, mode, path } from './arguments.js';
import {
  alreadySo,
  captureFile,
  checkFile,
  placeCarried,
  refusal,
  restoreFile,
  verifyCarried,
} from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';

const schema = z.strictObject({
  from: z
    .strictObject({
      host: z
        .string('must be the name of a host, known when it is planned')
        .min(1)
        .describe('Another host of the plan'),
      path: path().describe('Where the file is there'),
    })
    .describe('The file that is copied; it is only read, and may have up to 2 GiB'),
  path: path().describe('Where, on the host of the step'),
  owner: owner().optional().describe('As it is, or root for a new file, where absent'),
  group: owner().optional(),
  mode: mode().optional().describe('As it is where absent; a new file gets "0600"'),
});

export const transfer = stepKind<z.infer<typeof schema>>({
  kind: 'transfer',
  about: "Makes a file hold the bytes of a file of another host, carried through the worker's memory, in one rename.",
  schema,
  undo: 'restore',
  repeatable: true,
  alone: true,
  compile({ from, path: to, owner = '', group = '', mode: bits = '' }, { host }) {
    if (from.host === host.name)
      throw new Unusable(['from', 'host'], 'is the host of the step itself; choose hosts without it');
    const dress = [owner, group, bits];
    return {
      on: 'host',
      check: { text: checkFile, arguments: [to, ...dress] },
      capture: { text: captureFile, arguments: [to, 'any', ...dress], alreadySo },
      carried: { host: from.host, path: from.path },
      do: { text: placeCarried, arguments: [to, ...dress, '0600'], refusal },
      verify: { text: verifyCarried, arguments: [to, ...dress], printsImage: true },
      undo: { text: restoreFile, arguments: [to] },
    };
  },
});
