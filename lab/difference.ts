import { describeChange, same, type Entry } from './entry.js';
import type { Deviation } from './layer.js';
import type { HostState, LabState } from './mark.js';

/** One thing of a host that is otherwise than it was. */
export interface Difference {
  readonly host: string;
  readonly kind: 'file' | 'process' | 'port' | 'entry';
  readonly change: 'added' | 'changed' | 'removed';
  /** An absolute path, a command line with its user, `tcp 0.0.0.0:22`, or the name of a directory entry. */
  readonly subject: string;
  /** What of it changed, such as `mode 644 → 600, content`; empty where it was added or removed. */
  readonly detail: string;
  /** `-line` and `+line` of a file under /etc, or of an entry, that changed in nothing but its content. */
  readonly lines?: readonly string[];
}

/** What became otherwise between two states of a lab, host by host. */
export function differences(before: LabState, after: LabState): Difference[] {
  const hosts = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return hosts.flatMap((host) =>
    compareHost(before[host] ?? nothing, after[host] ?? nothing).map((each) => ({ host, ...each })),
  );
}

const nothing: HostState = { files: [], processes: [], ports: [], entries: {} };

type OfHost = Omit<Difference, 'host'>;

function compareHost(before: HostState, after: HostState): OfHost[] {
  return [
    ...compareFiles(before.files, after.files),
    ...compareLists('process', before.processes, after.processes),
    ...compareLists('port', before.ports, after.ports),
    ...compareEntries(before.entries, after.entries),
  ];
}

function compareFiles(before: readonly Deviation[], after: readonly Deviation[]): OfHost[] {
  const [was, is] = [byPath(before), byPath(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((path) => {
    const image = (was.get(path) ?? is.get(path))?.image;
    return compareFile(path, entryAt(path, was, image), entryAt(path, is, image));
  });
}

function byPath(deviations: readonly Deviation[]): ReadonlyMap<string, Deviation> {
  return new Map(deviations.map((each) => [each.path, each]));
}

/** What was at a path that has no deviation of its own: what the image has, unless a folder above it was gone. */
function entryAt(path: string, deviations: ReadonlyMap<string, Deviation>, image?: Entry): Entry | undefined {
  const own = deviations.get(path);
  if (own) return own.host;
  const above = foldersAbove(path).map((folder) => deviations.get(folder));
  return above.some((deviation) => deviation && deviation.host?.type !== 'directory') ? undefined : image;
}

function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

function compareFile(subject: string, before: Entry | undefined, after: Entry | undefined): OfHost[] {
  if (same(before, after)) return [];
  if (!before || !after) return [{ kind: 'file', change: before ? 'removed' : 'added', subject, detail: '' }];
  const detail = describeChange(before, after);
  const readable = detail === 'content' && before.text !== undefined && after.text !== undefined;
  const lines = readable ? compareLines(before.text.split('\n'), after.text.split('\n')) : undefined;
  return [{ kind: 'file', change: 'changed', subject, detail, ...(lines && { lines }) }];
}

/** Compares lists in which a thing may stand more than once, as two equal processes do. */
function compareLists(kind: 'process' | 'port', before: readonly string[], after: readonly string[]): OfHost[] {
  return [...new Set([...before, ...after])].sort().flatMap((subject): OfHost[] => {
    const [was, is] = [count(before, subject), count(after, subject)];
    if (was === is) return [];
    if (was > 0 && is > 0) return [{ kind, change: 'changed', subject, detail: `${was} → ${is}` }];
    return [{ kind, change: was > 0 ? 'removed' : 'added', subject, detail: '' }];
  });
}

function compareEntries(before: HostState['entries'], after: HostState['entries']): OfHost[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((subject): OfHost[] => {
    const [was, is] = [before[subject], after[subject]];
    if (!was || !is) return [{ kind: 'entry', change: was ? 'removed' : 'added', subject, detail: '' }];
    const lines = compareLines(was, is);
    return lines.length === 0 ? [] : [{ kind: 'entry', change: 'changed', subject, detail: 'content', lines }];
  });
}

/** Lines that are in one text only; where only their order differs, the one word `order`. */
function compareLines(before: readonly string[], after: readonly string[]): string[] {
  const all = [...new Set([...before, ...after])];
  const gone = all.filter((line) => count(before, line) > count(after, line)).map((line) => `-${line}`);
  const come = all.filter((line) => count(after, line) > count(before, line)).map((line) => `+${line}`);
  if (gone.length + come.length > 0) return [...gone, ...come];
  return before.join('\n') === after.join('\n') ? [] : ['order'];
}

function count(list: readonly string[], wanted: string): number {
  return list.filter((each) => each === wanted).length;
}
