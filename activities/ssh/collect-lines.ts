import { createHash } from 'node:crypto';
import {
  followFiles,
  headLimit,
  type Followed,
  type FoundFile,
  type KnownFile,
} from '../../model/collect/follow-files.js';
import { offsetOf } from '../../model/collect/time-of.js';
import { Failed } from '../../model/failure.js';
import type { CollectedLines } from '../../model/operation.js';
import { failureOf, type Attempt, type Extra } from './attempt.js';
import { unlessFailed } from './carry.js';
import type { OpenSource, SeenFile } from '../../model/collect/source.js';
import type { Examined } from './examine.js';
import { readFile, type Reading } from './read-records.js';
import { recordsOf } from './records-of.js';
import type { FilesThere } from './session.js';

/** Files of one source. */
const filesLimit = 500;
/** Seconds without a change after which a file that was fully read may go without leaving a gap. */
const idle = 86_400;

/** What collecting came to, as the step prints it. */
interface Report {
  readonly source: string;
  files: number;
  records: number;
  bytes: number;
  /** Bytes that are left for the next step; those of compressed files are not counted. */
  behind: number;
  gaps: number;
}

/** Collects where there is something to collect; what came of it is what `do` reads. */
export async function collected(attempt: Attempt, extra: Extra): Promise<Examined> {
  const { lines } = attempt.work.operation;
  if (!lines) return { go: extra };
  return unlessFailed(async () => {
    const report = await collect(attempt, lines);
    return { ...extra, stdin: Buffer.from(`${JSON.stringify(report)}\n`) };
  });
}

async function collect(attempt: Attempt, lines: CollectedLines): Promise<Report> {
  const { needs, session, filler } = attempt;
  const fill = (text: CollectedLines['files'][number]): string => filler.fill(text).value;
  const patterns = lines.files.map(fill);
  const there = await session.files(patterns, filesLimit);
  if (there.left > 0) throw tooMany(attempt, there.left);
  const labels = Object.fromEntries(Object.entries(lines.labels).map(([name, text]) => [name, fill(text)]));
  const { source, keep } = lines;
  const open = await needs.collection.openSource(attempt.name, {
    ...{ kind: 'lines', source, labels, keep, patterns },
  });
  const followed = followFiles(open.files, there.files, sha256);
  const seen = seenFiles(followed, open, lines, there);
  const missed = (file: KnownFile): boolean => open.asBefore && !file.ended;
  const lost = followed.gone.map((file) => ({ id: file.id, ...(missed(file) && { because: whyGap(file) }) }));
  const ids = await needs.collection.settleFiles(
    open.id,
    seen.map(({ file }) => file),
    lost,
  );
  const report: Report = {
    source,
    files: seen.length,
    records: 0,
    bytes: 0,
    behind: 0,
    gaps: followed.gone.filter(missed).length,
  };
  const readings = seen.map(({ file, found, born }, index) => ({ id: ids[index] ?? 0, found, born, ...file }));
  await readAll(attempt, lines, { there, open, report }, readings);
  return report;
}

interface Look {
  readonly there: FilesThere;
  readonly open: OpenSource;
  readonly report: Report;
}

/** Oldest first, so that where there is too much for one step, the next goes on in order. */
async function readAll(
  attempt: Attempt,
  lines: CollectedLines,
  { there, open, report }: Look,
  files: readonly (SeenFile & { readonly id: number; readonly found: FoundFile; readonly born: string })[],
): Promise<void> {
  const { hide, begins, only, masks, time } = lines;
  const hidden = hide.map((text) => attempt.filler.fill(text).value);
  const reading: Reading = {
    attempt,
    source: open.id,
    until: Date.now() + attempt.step.timeout * 900,
    records: recordsOf({
      begins,
      only,
      masks,
      hidden,
      time,
      at: { now: there.now * 1000, offset: offsetOf(there.zone) },
    }),
  };
  const ended: number[] = [];
  for (const file of [...files].sort((one, other) => one.found.modified - other.found.modified)) {
    const rest = there.now - file.found.modified;
    const aside = file.found.path !== file.born || file.found.size === undefined;
    const read = await readFile(reading, file, { most: lines.most - report.bytes, aside, rest });
    report.records += read.records;
    report.bytes += read.bytes;
    report.behind += read.behind;
    if (read.behind === 0 && (rest >= idle || (aside && rest >= 60))) ended.push(file.id);
  }
  await attempt.needs.collection.closeSource(open.id, report.behind, ended);
}

/** What is remembered of each file that is there. */
function seenFiles(
  { same, fresh }: Followed,
  open: OpenSource,
  { keep, from }: CollectedLines,
  { now }: FilesThere,
): { readonly file: SeenFile; readonly found: FoundFile; readonly born: string }[] {
  const again = same.map(({ known, found }) => ({
    file: { ...lookOf(found), id: known.id, position: known.position, ended: known.ended },
    found,
    born: known.born,
  }));
  const first = fresh.map((found) => {
    // Nothing in it is young enough to be kept, or it was there before anybody wanted to know.
    const passed = found.modified < now - keep || (open.fresh && from === 'end');
    const position = passed ? (found.size ?? 0) : 0;
    return { file: { ...lookOf(found), position, ended: passed && found.size === undefined }, found, born: found.path };
  });
  return [...again, ...first];
}

function lookOf(found: FoundFile): Pick<SeenFile, 'path' | 'inode' | 'head'> {
  const head = found.head.subarray(0, headLimit);
  return { path: found.path, inode: found.inode, head: { size: head.length, sha256: sha256(head) } };
}

function whyGap(file: KnownFile): string {
  return `it went away or was cut after ${file.position} bytes had been read; what was written to it since is missing`;
}

function tooMany(attempt: Attempt, left: number): Failed {
  const known = `its patterns find ${filesLimit + left} files, and at most ${filesLimit} are followed; nothing was read`;
  return new Failed(failureOf(attempt, 'step/refused', known, 'name fewer files'));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
