/** Bytes at the beginning of a file by which it is known again, whatever it is called and wherever it was copied to. */
export const headLimit = 1024;
/** Fewer bytes than these do not tell one file from another. */
const tellingHead = 32;

/** A file that was looked at before. */
export interface KnownFile {
  readonly id: number;
  /** Where it was found first. */
  readonly born: string;
  /** Device and inode, as it was found last. */
  readonly inode: string;
  /** Bytes of it that have been read. */
  readonly position: number;
  readonly head: { readonly size: number; readonly sha256: string };
  /** It had been set aside and read to its end; that it goes is no gap. */
  readonly ended: boolean;
  /** It was not found when it was looked for last. */
  readonly gone: boolean;
}

/** A file as it is on the host now. */
export interface FoundFile {
  readonly path: string;
  readonly inode: string;
  /** Absent where it is compressed: how much it will give is not known before it is read. */
  readonly size?: number;
  /** Seconds since 1970, by the host's clock. */
  readonly modified: number;
  /** Its first bytes, unpacked; at most {@link headLimit}. */
  readonly head: Uint8Array;
}

/** What became of the known files, and what is new. */
export interface Followed {
  readonly same: readonly { readonly known: KnownFile; readonly found: FoundFile }[];
  readonly fresh: readonly FoundFile[];
  /** Neither found under another name nor as a copy, for the first time. */
  readonly gone: readonly KnownFile[];
}

type Sha256 = (bytes: Uint8Array) => string;

/**
 * Finds the known files again among those that are there: by inode where that still begins as it did, else by how it
 * begins, which outlives renaming, copying and compression. A copy of a file that is still there is passed over, so that nothing is
 * read twice. Files without a byte are nothing yet.
 */
export function followFiles(known: readonly KnownFile[], all: readonly FoundFile[], sha256: Sha256): Followed {
  const found = distinct(all.filter(({ head }) => head.length > 0));
  const taken = new Map<KnownFile, FoundFile>();
  const free = new Set(found);
  const take = (file: KnownFile, where: (one: FoundFile) => boolean): void => {
    if (taken.has(file)) return;
    const fitting = [...free].filter((one) => where(one) && continues(file, one, sha256));
    const newest = fitting.sort((a, b) => b.modified - a.modified)[0];
    if (newest === undefined) return;
    taken.set(file, newest);
    free.delete(newest);
  };
  const newestFirst = [...known].sort((a, b) => Number(a.gone) - Number(b.gone) || b.id - a.id);
  for (const file of newestFirst) take(file, ({ inode }) => inode === file.inode);
  for (const file of newestFirst) if (file.head.size >= tellingHead) take(file, () => true);
  const present = [...taken.values()];
  return {
    same: [...taken].map(([file, one]) => ({ known: file, found: one })),
    fresh: [...free]
      .filter((one) => !present.some((other) => isCopy(one, other)))
      .sort((a, b) => a.modified - b.modified),
    gone: known.filter((file) => !taken.has(file) && !file.gone),
  };
}

/** By several patterns, or by a link, the same file may be found more than once. */
function distinct(found: readonly FoundFile[]): readonly FoundFile[] {
  return [...new Map([...found].reverse().map((one) => [one.inode, one])).values()].reverse();
}

function continues({ head, position }: KnownFile, found: FoundFile, sha256: Sha256): boolean {
  return (
    found.head.length >= head.size &&
    (found.size === undefined || found.size >= position) &&
    sha256(found.head.subarray(0, head.size)) === head.sha256
  );
}

/** Both begin alike as far as both are known, and that is far enough to tell. */
function isCopy(one: FoundFile, other: FoundFile): boolean {
  const shared = Math.min(one.head.length, other.head.length);
  if (shared < tellingHead || (one.size ?? 0) > (other.size ?? Infinity)) return false;
  return one.head.subarray(0, shared).every((byte, index) => byte === other.head[index]);
}
