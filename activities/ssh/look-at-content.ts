import { bytesDiff, unifiedDiff } from '../../model/live/difference.js';
import { shownFile } from '../../model/live/owned-files.js';
import { lastWords, masked, ready, type Attempt } from './attempt.js';
import { failed, type HostSoFar, type Seen } from './look-so-far.js';
import type { PartEnd } from './session.js';

/** Largest file that is shown, bytes. */
const contentLimit = 1024 * 1024;
/** Bytes that are read at a time. */
const slice = 256 * 1024;
/** How the script that prints a file says that there is none. */
const absent = 44;

/** What would become of the file that the step replaces, from what is in it now. */
export async function lookAtContent(here: HostSoFar, attempt: Attempt): Promise<Seen> {
  const { transform, shows, do: script } = attempt.work.operation;
  const shown = shownFile(attempt.work.operation);
  if (!shown) return { state: 'would_change' };
  const before = await printed(attempt, shown);
  if ('end' in before) return failed(here, 'reading the file', before.end, before.said);
  if (before.content && before.content.length >= contentLimit)
    return { state: transform ? 'would_run' : 'would_change', because: 'the file is too large to be shown' };
  if (!transform) return changed(attempt, shown.path, before.content, ready(attempt, script).stdin);
  if (!before.content && !shows) {
    const end: PartEnd = { how: 'exited', code: absent, milliseconds: 0 };
    return failed(here, 'reading the file', end, `${shown.path} does not exist`);
  }
  try {
    const after = await attempt.needs.transform(transform, before.content ?? Buffer.alloc(0), attempt.filler);
    return changed(attempt, shown.path, before.content, after);
  } catch (error) {
    return { state: 'refused', because: lastWords(attempt, error instanceof Error ? error.message : String(error)) };
  }
}

async function printed(
  attempt: Attempt,
  script: Parameters<typeof ready>[1],
): Promise<{ readonly content: Buffer | undefined } | { readonly end: PartEnd; readonly said: string }> {
  const name = { task: attempt.task, attempt: 2, part: 'check' as const };
  const request = { ...name, holder: attempt.holder, script: ready(attempt, script) };
  const limits = { seconds: attempt.needs.limits.look, outputLimit: contentLimit };
  const end = await attempt.session.run({ ...request, ...limits }, undefined, attempt.signal);
  if (end.how === 'exited' && end.code === absent) return { content: undefined };
  if (end.how !== 'exited' || end.code !== 0) {
    const said = end.how === 'exited' ? await attempt.session.output({ ...name, stream: 'stderr' }, 0, slice) : [];
    return { end, said: lastWords(attempt, Buffer.from(said).toString('utf8')) };
  }
  const parts: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const some = await attempt.session.output({ ...name, stream: 'stdout' }, offset, slice);
    if (some.length === 0) return { content: Buffer.concat(parts) };
    parts.push(some);
    offset += some.length;
  }
}

function changed(attempt: Attempt, path: string, before: Buffer | undefined, after: Uint8Array): Seen {
  if (before?.equals(after)) return { state: 'already_so' };
  const [old, wanted] = [before && textOf(before), textOf(after)];
  if (wanted === undefined || (before && old === undefined))
    return { state: 'would_change', diff: bytesDiff(path, before, after) };
  const shown = { masked: (text: string) => masked(attempt, text), secret: attempt.filler.secrets.length > 0 };
  return { state: 'would_change', diff: unifiedDiff(path, old, wanted, shown) };
}

/** The text that these bytes are; undefined where they are none. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
