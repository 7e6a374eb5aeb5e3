import { z } from 'zod';
import { holdsSecret, type Text } from '../value.js';
import type { Bytes } from '../operation.js';
import { owner, mode, path, text } from './arguments.js';
import { alreadySo, captureFile, checkFile, refusal, replaceFile, restoreFile, verifyFile } from './file-state.sh.js';
import { stepKind, Unusable, type StepContext } from './kind.js';

const schema = z.strictObject({
  path: path().describe('Where, on the host'),
  content: text({ secret: true }).optional().describe('What it holds; secrets may go here'),
  source: z.string().min(1).optional().describe('A file beside the runbook that is copied byte for byte'),
  owner: owner().optional().describe('As it is, or root for a new file, where absent'),
  group: owner().optional(),
  mode: mode()
    .optional()
    .describe('As it is where absent; a new file gets "0644", or "0600" where its content holds a secret'),
});
type Arguments = z.infer<typeof schema>;

export const file = stepKind<Arguments>({
  kind: 'file',
  about: 'Makes a file hold exactly these bytes, in one rename.',
  schema,
  texts: ['content'],
  undo: 'restore',
  repeatable: true,
  compile(args, context) {
    const stdin = contentOf(args, context);
    const dress = [args.owner ?? '', args.group ?? '', args.mode ?? ''];
    return {
      on: 'host',
      check: { text: checkFile, arguments: [args.path, ...dress] },
      capture: { text: captureFile, arguments: [args.path, 'any', ...dress], alreadySo },
      do: { text: replaceFile, arguments: [args.path, ...dress, modeIfNew(stdin)], stdin, refusal },
      verify: { text: verifyFile, arguments: [args.path, ...dress], printsImage: true },
      undo: { text: restoreFile, arguments: [args.path] },
    };
  },
});

function contentOf(args: Arguments, context: StepContext): Text | Bytes {
  if ((args.content === undefined) === (args.source === undefined))
    throw new Unusable([], 'needs either `content` or `source`');
  if (args.content !== undefined) return args.content;
  const bytes = context.file(args.source ?? '');
  if (!bytes) throw new Unusable(['source'], `there is no file "${args.source}" beside the runbook`);
  return { base64: base64(bytes) };
}

function modeIfNew(content: Text | Bytes): string {
  return typeof content === 'object' && 'template' in content && holdsSecret(content) ? '0600' : '0644';
}

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8190)
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 8190))));
  return parts.join('');
}
