import type { OutputWatch, PartRequest, ReadyScript, Session, SessionPart } from '../../activities/ssh/session.js';

/** The shells that the runner must work in, by name. */
export const shells: readonly (readonly [string, readonly string[]])[] = [
  ['dash', ['/bin/dash']],
  ['bash', ['/bin/bash', '--posix']],
  ['busybox', ['/usr/bin/busybox', 'ash']],
];

export type RequestOptions = Partial<Omit<PartRequest, 'script'>> & Partial<ReadyScript>;

/** A request that runs `text`; everything else has a usual value. */
export function request(text: string, options: RequestOptions = {}): PartRequest {
  return {
    task: options.task ?? 'run-abcdefgh.step',
    attempt: options.attempt ?? 1,
    part: options.part ?? 'do',
    holder: options.holder ?? 100,
    seconds: options.seconds ?? 60,
    outputLimit: options.outputLimit ?? 1_000_000,
    ...(options.fresh === undefined ? {} : { fresh: options.fresh }),
    ...(options.printsLine === undefined ? {} : { printsLine: options.printsLine }),
    script: {
      text,
      arguments: options.arguments ?? [],
      environment: options.environment ?? {},
      stdin: options.stdin ?? new Uint8Array(),
      secret: options.secret ?? false,
      ...(options.refusal === undefined ? {} : { refusal: options.refusal }),
    },
  };
}

export async function stdoutOf(
  session: Session,
  task = 'run-abcdefgh.step',
  part: SessionPart = 'do',
  attempt = 1,
): Promise<Buffer> {
  return Buffer.from(await session.output({ task, part, attempt, stream: 'stdout' }, 0, 64 * 1024 * 1024));
}

/** Gathers output as it comes, and fails where it has a gap or an overlap. */
export function gather(): {
  readonly watch: OutputWatch;
  readonly text: (stream?: 'stdout' | 'stderr') => string;
  readonly bytes: (stream?: 'stdout' | 'stderr') => Buffer;
} {
  const got: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const bytes = (stream: 'stdout' | 'stderr' = 'stdout'): Buffer => Buffer.concat(got[stream]);
  return {
    watch: async ({ stream, offset, bytes: piece }) => {
      if (offset !== bytes(stream).length)
        throw new Error(`${stream} goes on at ${offset}, but ${bytes(stream).length} came so far`);
      got[stream].push(Buffer.from(piece));
    },
    bytes,
    text: (stream = 'stdout') => bytes(stream).toString('utf8'),
  };
}
