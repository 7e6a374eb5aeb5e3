import type { CollectionRecords } from '../../../activities/ssh/collection.js';
import type { SourceName } from '../../../model/collect/source.js';
import {
  closeSource,
  keepRecords,
  keepValues,
  openSource,
  settleFiles,
  type SourceOf,
} from '../../../database/collect.js';
import type { Database } from '../../../database/connect.js';
import type { TaskName } from '../../../model/record.js';
import type { Plans } from './plans.js';

/** Postgres, as the functions that collecting asks for. */
export function collectionRecords(db: Database, plans: Plans): CollectionRecords {
  const of = async ({ run, host }: TaskName, name: SourceName): Promise<SourceOf> => {
    const machine = (await plans.of(run)).hosts[host]?.machine;
    if (machine === undefined) throw new Error(`the plan of ${run} has no host ${host}`);
    return { ...name, machine, host };
  };
  return {
    openSource: async (task, name) => openSource(db, await of(task, name)),
    settleFiles: async (source, seen, lost) => settleFiles(db, source, seen, lost),
    keepRecords: async (stretch) => keepRecords(db, stretch),
    closeSource: async (source, behind, ended) => closeSource(db, source, behind, ended),
    keepValues: async (task, name, at, values) => keepValues(db, await of(task, name), new Date(at * 1000), values),
  };
}
