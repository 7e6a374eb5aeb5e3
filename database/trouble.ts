import type { Trouble } from '../model/record.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';
import { rows, transaction } from './query.js';
import { storableText } from './storable.js';
import type { EventRow } from './tables/runs.js';
import { appendEvents, type NewEvent } from './write-events.js';

/** Which piece of work of a run has trouble: a name that stays the same over all its tries. */
interface TroubledWork {
  readonly run: string;
  readonly work: string;
}

/** Says that something which is no host's failure keeps a run from going on, and that it is tried again. */
export async function tellTrouble(db: Database, { run, work }: TroubledWork, trouble: Trouble): Promise<void> {
  const { since, because, step } = trouble;
  const data = { work, since, because: storableText(because), ...(step === undefined ? {} : { step }) };
  await append(db, run, { kind: 'trying-again', data });
}

/** Says that it goes on, or that nobody tries it any more. */
export async function tellTroubleOver(db: Database, { run, work }: TroubledWork, goesOn: boolean): Promise<void> {
  await append(db, run, { kind: 'trying-ended', data: { work, goesOn } });
}

async function append(db: Database, run: string, event: NewEvent): Promise<void> {
  await transaction(db, async (manager) => appendEvents(manager, run, [event]));
}

/** Events to look back at: while something is tried again and again, not much else happens to the run. */
const recent = 1000;

/** What is being tried again now, by work; what the run has moved on from, save to a pause, is over. */
export async function readTroubles(db: Database, run: string): Promise<Map<string, Trouble>> {
  const found = await rows<Pick<EventRow, 'kind' | 'data'>>(
    db,
    `with late as (
       select events.* from events join runs using (run) where run = $1 and sequence > last_event - $2
     )
     select distinct on (data ->> 'work') kind, data from late
     where kind in ('trying-again', 'trying-ended') and sequence > (
       select coalesce(max(sequence), 0) from late where kind = 'run-moved' and data ->> 'to' <> 'pausing'
     )
     order by data ->> 'work', sequence desc`,
    [run, recent],
  );
  const open = found.filter(({ kind }) => kind === 'trying-again');
  return new Map(open.map(({ data }) => [text(data['work']), troubleOf(data)]));
}

function troubleOf({ since, because, step }: EventRow['data']): Trouble {
  return { since: text(since), because: text(because), ...(step === undefined ? {} : { step: text(step) }) };
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}
