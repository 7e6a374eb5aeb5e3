import { describeChange, same, type Deviation, type Entry } from './layer.js';
import type { HostState, LabState } from './mark.js';

/** One thing of a host that is otherwise than it was. */
export interface Difference {
  readonly host: string;
  readonly kind: 'file' | 'process' | 'port';
  readonly change: 'added' | 'changed' | 'removed';
  /** An absolute path, a command line with its user, or `tcp 0.0.0.0:22`. */
  readonly subject: string;
  /** What of it changed, such as `mode 644 → 600, content`; empty where it was added or removed. */
  readonly detail: string;
}

/** What became otherwise between two states of a lab, host by host. */
export function differences(before: LabState, after: LabState): Difference[] {
  const hosts = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return hosts.flatMap((host) =>
    compareHost(before[host] ?? nothing, after[host] ?? nothing).map((each) => ({ host, ...each })),
  );
}

const nothing: HostState = { files: [], processes: [], ports: [] };

type OfHost = Omit<Difference, 'host'>;

function compareHost(before: HostState, after: HostState): OfHost[] {
  return [
    ...compareFiles(before.files, after.files),
    ...compareLists('process', before.processes, after.processes),
    ...compareLists('port', before.ports, after.ports),
  ];
}

function compareFiles(before: readonly Deviation[], after: readonly Deviation[]): OfHost[] {
  const [was, is] = [before, after].map((list) => new Map(list.map((each) => [each.path, each])));
  const paths = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort();
  return paths.flatMap((path) => {
    const image = was?.get(path)?.image ?? is?.get(path)?.image;
    return compareEntry(path, entryAt(path, was, image), entryAt(path, is, image));
  });
}

/** What was at a path that has no deviation of its own: what the image has, unless a folder above it was gone. */
function entryAt(
  path: string,
  deviations: ReadonlyMap<string, Deviation> | undefined,
  image: Entry | undefined,
): Entry | undefined {
  const own = deviations?.get(path);
  if (own) return own.host;
  const above = foldersAbove(path).map((folder) => deviations?.get(folder));
  return above.some((deviation) => deviation && deviation.host?.type !== 'directory') ? undefined : image;
}

function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

function compareEntry(subject: string, before: Entry | undefined, after: Entry | undefined): OfHost[] {
  if (same(before, after)) return [];
  if (before && after) return [{ kind: 'file', change: 'changed', subject, detail: describeChange(before, after) }];
  return [{ kind: 'file', change: before ? 'removed' : 'added', subject, detail: '' }];
}

/** Compares lists in which a thing may stand more than once, as two equal processes do. */
function compareLists(kind: 'process' | 'port', before: readonly string[], after: readonly string[]): OfHost[] {
  return [...new Set([...before, ...after])].sort().flatMap((subject): OfHost[] => {
    const [was, is] = [before, after].map((list) => list.filter((each) => each === subject).length) as [number, number];
    if (was === is) return [];
    if (was > 0 && is > 0) return [{ kind, change: 'changed', subject, detail: `${was} → ${is}` }];
    return [{ kind, change: was > 0 ? 'removed' : 'added', subject, detail: '' }];
  });
}
