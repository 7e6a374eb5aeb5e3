import type { Attempt } from './attempt.js';
import type { OutputName } from './needs.js';
import type { OutputWatch } from './session.js';

/** Keeps a part's output as it comes, masked, without gap or repeat even where an earlier worker kept some. */
export async function recordOutput(
  attempt: Attempt,
  part: 'do' | 'undo',
): Promise<{ readonly chunk: OutputWatch; readonly end: () => Promise<void> }> {
  const { undo, undoes = attempt.name } = attempt;
  const place = {
    ...undoes,
    attempt: attempt.attempt,
    part: undo === undefined ? part : 'undo',
    ...(undo === undefined ? {} : { undo }),
  } as const;
  const stream = (name: 'stdout' | 'stderr'): Promise<Recorder> => recorder(attempt, { ...place, stream: name });
  const [stdout, stderr] = [await stream('stdout'), await stream('stderr')];
  return {
    chunk: async ({ stream: from, offset, bytes }) => (from === 'stdout' ? stdout : stderr).take(offset, bytes),
    end: async () => {
      await stdout.end();
      await stderr.end();
    },
  };
}

interface Recorder {
  take(offset: number, bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/**
 * The masker sees the stream from its beginning, so that a secret across the place where an earlier worker stopped
 * is masked too; what is stored already is skipped.
 */
async function recorder(attempt: Attempt, name: OutputName): Promise<Recorder> {
  const masker = attempt.needs.masker(attempt.filler.secrets);
  const stored = await attempt.needs.outputEnd(name);
  let masked = 0;
  const keep = async (bytes: Uint8Array): Promise<void> => {
    const offset = masked;
    masked += bytes.length;
    if (bytes.length === 0 || masked <= stored) return;
    const from = Math.max(offset, stored);
    await attempt.needs.appendOutput(name, from, bytes.subarray(from - offset));
  };
  return {
    take: async (_offset, bytes) => keep(masker.push(bytes)),
    end: async () => keep(masker.end()),
  };
}
