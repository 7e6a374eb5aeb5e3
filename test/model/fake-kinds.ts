import { z } from 'zod';
import { environment, oneOrMore, text } from '../../model/steps/arguments.js';
import { stepKind, Unusable, type StepKind } from '../../model/steps/kind.js';

/** Runs a program: the author says how it goes back. */
export const run = stepKind({
  kind: 'run',
  about: 'Runs a program.',
  schema: z.strictObject({ run: oneOrMore(), environment: environment().optional() }),
  beside: ['environment'],
  undo: 'author',
  repeatable: false,
  compile: (args) => ({
    on: 'host',
    do: { text: 'exec "$@"\n', arguments: args.run, ...(args.environment && { environment: args.environment }) },
  }),
});

/** Writes a file, goes back on its own. */
export const put = stepKind({
  kind: 'put',
  about: 'Puts bytes into a file.',
  schema: z.strictObject({
    path: text(),
    content: text({ secret: true }).optional(),
    source: z.string().optional(),
    copies: z.int().optional(),
  }),
  texts: ['content'],
  undo: 'restore',
  repeatable: true,
  compile: (args, context) => {
    const bytes = args.source === undefined ? undefined : context.file(args.source);
    if (args.source !== undefined && bytes === undefined)
      throw new Unusable(['source'], 'there is no such file beside the runbook; add it');
    const stdin = bytes === undefined ? (args.content ?? '') : { base64: Buffer.from(bytes).toString('base64') };
    return {
      on: 'host',
      capture: { text: 'cat "$1" >"$BELAY_SAVE/content"\nsha256sum "$1"\n', arguments: [args.path] },
      do: { text: 'cat >"$1"\n', arguments: [args.path], stdin },
      undo: { text: 'cat "$BELAY_PRE/content" >"$1"\n', arguments: [args.path] },
    };
  },
});

/** Restarts what earlier steps changed. */
export const daemon = stepKind({
  kind: 'daemon',
  about: 'Keeps a daemon running.',
  schema: z.strictObject({ name: z.string(), restart_after: z.array(z.string()).default([]) }),
  undo: 'restore',
  repeatable: true,
  compile: (args) => ({
    on: 'host',
    do: { text: 'service "$1" restart\n', arguments: [args.name] },
    service: args.name,
  }),
  owed: (args) => ({ service: args.name, after: args.restart_after }),
});

/** Says something. */
export const say = stepKind({
  kind: 'say',
  about: 'Says something.',
  schema: text(),
  undo: 'nothing',
  repeatable: true,
  compile: (note) => ({ on: 'record', note }),
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind has arguments of its own
export const fakeKinds: readonly StepKind<any>[] = [run, put, daemon, say];
