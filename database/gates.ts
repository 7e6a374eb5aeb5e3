import type { Gate } from '../model/record.js';
import type { Database } from './connect.js';
import { row, rows, transaction, type Reach } from './query.js';
import { UnknownGate } from './refusals.js';
import { lockRun } from './run-row.js';
import type { GateRow } from './tables/operators.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

/**
 * Asks for the approval before a phase; asking again changes nothing.
 *
 * @param seconds - from now, until when votes count; absent where the approval waits for ever
 * @throws UnknownGate, UnknownRun
 */
export async function askApproval(db: Database, run: string, phase: number, seconds?: number): Promise<void> {
  await transaction(db, async (manager) => {
    await lockRun(manager, run);
    const asked = await row<Pick<GateRow, 'deadline'>>(
      manager,
      `update gates set asked_at = clock_timestamp(), deadline = clock_timestamp() + $3 * interval '1 second'
       where run = $1 and phase = $2 and asked_at is null returning deadline`,
      [run, phase, seconds ?? null],
    );
    if (!asked) return void (await gate(manager, run, phase));
    const data = { phase, ...(asked.deadline === null ? {} : { deadline: asked.deadline.toISOString() }) };
    await appendEvents(manager, run, [{ kind: 'approval-asked', data }]);
  });
}

/** @throws UnknownGate */
export async function readGate(db: Database, run: string, phase: number): Promise<Gate> {
  return gate(db, run, phase);
}

/**
 * Opens a gate if, read under lock, its votes are enough and nobody has rejected it. Nothing else opens one.
 *
 * @returns how the gate stands after it
 * @throws UnknownGate, UnknownRun
 */
export async function openGate(db: Database, run: string, phase: number): Promise<Gate> {
  return transaction(db, async (manager) => {
    await lockRun(manager, run);
    const present = await gate(manager, run, phase);
    if (present.open || !present.asked || present.rejected || present.votes < present.wanted) return present;
    await rows(manager, 'update gates set opened_at = clock_timestamp() where run = $1 and phase = $2', [run, phase]);
    const data = { phase, votes: present.votes, wanted: present.wanted };
    await appendEvents(manager, run, [{ kind: 'gate-opened', data }]);
    await appendAudit(manager, run, [{ kind: 'gate-opened', by: 'belay', data }]);
    return { ...present, open: true };
  });
}

/**
 * Votes that count: said in time and since the run last went back behind the gate, by distinct persons, for the plan
 * that the run has now, and not refused meanwhile. A rejection counts also where it names no plan: it does no harm.
 */
const votes = `
  select count(distinct voter) filter (where approves) as votes,
    (array_agg(voter order by at, verb) filter (where not approves))[1] as rejected_by,
    (array_agg(reason order by at, verb) filter (where not approves))[1] as rejected_because
  from (
    select votes.* from votes join verbs on verbs.id = votes.verb
    where votes.run = gates.run and votes.phase = gates.phase and verbs.accepted is not false
      and (votes.plan_hash = runs.plan_hash or (not approves and votes.plan_hash is null))
      and (deadline is null or votes.at <= deadline)
      and (votes_since is null or votes.at > votes_since)
  ) counted`;

type CountedRow = GateRow & {
  readonly votes: number;
  readonly rejected_by: string | null;
  readonly rejected_because: string | null;
  readonly left: number | null;
};

async function gate(reach: Reach, run: string, phase: number): Promise<Gate> {
  const found = await row<CountedRow>(
    reach,
    `select gates.*, counted.*, extract(epoch from deadline - clock_timestamp())::float8 as left
     from gates join runs using (run), lateral (${votes}) counted
     where run = $1 and phase = $2`,
    [run, phase],
  );
  if (!found) throw new UnknownGate(run, phase);
  return {
    asked: found.asked_at !== null,
    open: found.opened_at !== null,
    votes: found.votes,
    wanted: found.wanted,
    ...(found.rejected_by === null
      ? {}
      : { rejected: { by: found.rejected_by, reason: found.rejected_because ?? '' } }),
    ...(found.deadline === null ? {} : { deadline: found.deadline.toISOString() }),
    ...(found.left === null ? {} : { left: found.left }),
  };
}

/** @throws UnknownGate */
export async function mustHaveGate(reach: Reach, run: string, phase: number): Promise<void> {
  await gate(reach, run, phase);
}
