import { z } from 'zod';
import { parseSize } from '../size.js';
import { path } from './arguments.js';
import { captureBackup, checkBackup, makeBackup, restoreBackup } from './backup.sh.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';

export const backup = stepKind({
  kind: 'backup',
  about: 'Keeps folders and files as they are now on the host, proven by a checksum; undo puts them back exactly so.',
  schema: z.strictObject({
    paths: z
      .array(path())
      .min(1)
      .describe('Folders and files that later steps change; what is not there now will not be there after undo'),
    limit: z
      .string()
      .refine((value) => (parseSize(value) ?? 0) > 0, 'must be a size such as 256MiB')
      .default('256MiB')
      .describe('Refused where they are larger than this all together, before anything is copied'),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ paths, limit }) {
    const twice = paths.findIndex((one, index) => paths.indexOf(one) !== index);
    if (twice >= 0) throw new Unusable(['paths', twice], 'stands there twice');
    const inside = paths.findIndex((one) =>
      paths.some((other) => typeof one === 'string' && typeof other === 'string' && one.startsWith(`${other}/`)),
    );
    if (inside >= 0) throw new Unusable(['paths', inside], 'lies inside another one');
    const wanted = [String(parseSize(limit) ?? 0), ...paths];
    return {
      on: 'host',
      capture: { text: captureBackup, arguments: wanted },
      do: { text: makeBackup, arguments: wanted, refusal },
      verify: { text: checkBackup, arguments: wanted },
      undo: { text: restoreBackup, arguments: wanted },
    };
  },
});
