import type { KeptStretch, LostFile, OpenSource, SeenFile, SourceName } from '../../model/collect/source.js';
import type { NamedValue } from '../../model/collect/read-values.js';
import type { TaskName } from '../../model/record.js';

/** Where what is collected goes. */
export interface CollectionRecords {
  openSource(task: TaskName, name: SourceName): Promise<OpenSource>;
  /** What was found, in one transaction; gives the ids of the seen files, in their order. */
  settleFiles(source: number, seen: readonly SeenFile[], lost: readonly LostFile[]): Promise<readonly number[]>;
  /**
   * Moves the file's position and keeps the records, in one transaction.
   *
   * @returns how many were kept; older ones than the source keeps are left out
   * @throws where the position is another one than `from`: then somebody else has read it
   */
  keepRecords(stretch: KeptStretch): Promise<number>;
  /** What is still to be read, and which files will not go on. */
  closeSource(source: number, behind: number, ended: readonly number[]): Promise<void>;
  /** @param at - seconds since 1970, by the host's clock */
  keepValues(task: TaskName, name: SourceName, at: number, values: readonly NamedValue[]): Promise<void>;
}
