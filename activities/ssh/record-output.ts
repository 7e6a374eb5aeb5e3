import type { Attempt } from './attempt.js';
import type { OutputName } from './needs.js';
import type { OutputWatch } from './session.js';

/** What a part printed first, not masked: at most 64 KiB a stream. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

interface OutputRecord {
  readonly chunk: OutputWatch;
  /** What was held back is kept too; gives what came first. */
  readonly end: () => Promise<Printed>;
}

/** Keeps a part's output as it comes, masked, without gap or repeat even where an earlier worker kept some. */
export function recordOutput(attempt: Attempt, part: 'do' | 'undo'): OutputRecord {
  const { undo, undoes = attempt.name } = attempt;
  const place = {
    ...undoes,
    attempt: attempt.attempt,
    part: undo === undefined ? part : 'undo',
    ...(undo === undefined ? {} : { undo }),
  } as const;
  const stream = (name: 'stdout' | 'stderr'): Recorder => recorder(attempt, { ...place, stream: name });
  const [stdout, stderr] = [stream('stdout'), stream('stderr')];
  return {
    chunk: async ({ stream: from, offset, bytes }) => (from === 'stdout' ? stdout : stderr).take(offset, bytes),
    end: async () => {
      return { stdout: await stdout.end(), stderr: await stderr.end() };
    },
  };
}

interface Recorder {
  take(offset: number, bytes: Uint8Array): Promise<void>;
  end(): Promise<string>;
}

/** Bytes of a stream that are remembered for summaries and failures. */
const firstLimit = 65_536;

/**
 * The masker sees the stream from its beginning, so that a secret across the place where an earlier worker stopped
 * is masked too; what is stored already is skipped.
 */
function recorder(attempt: Attempt, name: OutputName): Recorder {
  const masker = attempt.needs.masker(attempt.filler.secrets);
  const first: Uint8Array[] = [];
  let masked = 0;
  let stored: number | undefined;
  const keep = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    const offset = masked;
    masked += bytes.length;
    // Most steps print nothing: then nobody has to be asked what is there already.
    stored ??= await attempt.needs.outputEnd(name);
    if (masked <= stored) return;
    const from = Math.max(offset, stored);
    await attempt.needs.appendOutput(name, from, bytes.subarray(from - offset));
  };
  return {
    take: async (offset, bytes) => {
      if (offset < firstLimit) first.push(bytes.subarray(0, firstLimit - offset));
      await keep(masker.push(bytes));
    },
    end: async () => {
      await keep(masker.end());
      return Buffer.concat(first).toString('utf8');
    },
  };
}
