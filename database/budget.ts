import type { EntityManager } from 'typeorm';
import { budgetWords, overBudget, type Budget, type DownMachine, type OverBudget } from '../model/budget.js';
import { mustGoForward } from './attempts.js';
import type { Database } from './connect.js';
import type { Turn } from './lease-turns.js';
import { readPlan } from './plans.js';
import { row, rows, transaction, type Reach } from './query.js';
import { lockRun, sendLocked } from './run-row.js';
import { storableText } from './storable.js';
import type { RunRow } from './tables/runs.js';
import { appendAudit } from './write-audit.js';

type Budgets = Readonly<Record<string, Budget>>;

/** Any number, as long as every Belay takes the same. */
const budgetLock = 2_033_176_003;

/** States of runs that ended badly: what they left on hosts counts until it is undone, put right or acknowledged. */
const badEnds = ['failed', 'timed_out', 'cancelled', 'undo_incomplete'];

/**
 * Begins a wave if the budgets of its groups have room; else the run waits and says for whom. Doing it twice is
 * harmless. One at a time, so that two waves never take the same room.
 *
 * @returns whether the wave may begin now
 * @throws UnknownRun, IllegalMove; NotAuthorised where the run does not go forward
 */
export async function beginWave(db: Database, run: string, phase: number, wave: number): Promise<boolean> {
  return transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    if (locked.state !== 'waiting') mustGoForward(locked);
    const { budgets = {} } = await readPlan(db, locked.plan_hash);
    await rows(manager, 'select pg_advisory_xact_lock($1)', [budgetLock]);
    const begun = await hasBegun(manager, run, phase, wave);
    const over = begun ? undefined : await whyNoRoom(manager, locked, budgets, phase, wave);
    if (over) {
      await sendLocked(manager, locked, 'waiting', standingOf(over, phase, wave));
      return false;
    }
    if (!begun) await noteWave(manager, run, phase, wave);
    if (locked.state === 'waiting') await sendLocked(manager, locked, 'running', { phase });
    return true;
  });
}

/** Notes that a wave is through; what did not go well on a host still counts. @throws NotAuthorised, UnknownRun */
export async function endWave(db: Database, run: string, phase: number, wave: number): Promise<void> {
  await transaction(db, async (manager) => {
    mustGoForward(await lockRun(manager, run));
    await rows(
      manager,
      `update begun_waves set ended_at = coalesce(ended_at, clock_timestamp()) where run = $1 and phase = $2 and wave = $3`,
      [run, phase, wave],
    );
  });
}

/** Runs that wait for room and would have it now, oldest first; their workflows must be told. */
export async function roomTurns(db: Database): Promise<Turn[]> {
  const waiting = await rows<RunRow>(
    db,
    `select * from runs where state = 'waiting' and standing ->> 'for' = 'budget' order by number`,
  );
  const turns: Turn[] = [];
  for (const found of waiting) {
    const { phase, wave } = found.standing;
    const { budgets = {} } = await readPlan(db, found.plan_hash);
    if (!(await whyNoRoom(db, found, budgets, Number(phase), Number(wave)))) turns.push({ run: found.run });
  }
  return turns;
}

/**
 * An operator's word that what a run left on hosts counts as up again.
 *
 * @param host - all of its hosts where absent
 * @throws UnknownRun
 */
export async function acknowledge(
  db: Database,
  word: { readonly run: string; readonly host?: string; readonly reason: string; readonly by: string },
): Promise<void> {
  const { run, host, reason, by } = word;
  await transaction(db, async (manager) => {
    await lockRun(manager, run);
    await rows(manager, 'insert into acknowledgements (run, host, reason, said_by) values ($1, $2, $3, $4)', [
      run,
      host ?? null,
      storableText(reason),
      storableText(by),
    ]);
    const data = { reason, ...(host === undefined ? {} : { host }) };
    await appendAudit(manager, run, [{ kind: 'run-acknowledged', by, data }]);
  });
}

function standingOf(over: OverBudget, phase: number, wave: number) {
  const runs = [...new Set([...over.others, ...(over.first ? [over.first] : [])].map((one) => one.run))];
  const hosts = over.others.map((one) => one.host);
  return { for: 'budget', phase, wave, group: over.group, hosts, runs, because: budgetWords(over) };
}

/** Whether it is going on, or through with nothing left to do. One that has gone back in between begins anew. */
async function hasBegun(manager: EntityManager, run: string, phase: number, wave: number): Promise<boolean> {
  const begun = await row(
    manager,
    `select 1 from begun_waves where run = $1 and phase = $2 and wave = $3 and (ended_at is null or not exists (
       select 1 from tasks where run = $1 and phase = $2 and wave = $3 and state in ('pending', 'undone')
     ))`,
    [run, phase, wave],
  );
  return begun !== undefined;
}

async function noteWave(manager: EntityManager, run: string, phase: number, wave: number): Promise<void> {
  await rows(
    manager,
    `insert into begun_waves (run, phase, wave) values ($1, $2, $3)
     on conflict (run, phase, wave) do update set begun_at = clock_timestamp(), ended_at = null`,
    [run, phase, wave],
  );
}

/** Who takes the room. A run that waited for the same group before this one is served first. */
async function whyNoRoom(
  reach: Reach,
  { run, number }: Pick<RunRow, 'run' | 'number'>,
  budgets: Budgets,
  phase: number,
  wave: number,
): Promise<OverBudget | undefined> {
  const ours = await rows<{ machine: string }>(
    reach,
    'select distinct machine from tasks where run = $1 and phase = $2 and wave = $3 and disturbs',
    [run, phase, wave],
  );
  const machines = ours.map(({ machine }) => machine);
  const members = Object.values(budgets).flatMap((budget) => Object.values(budget.machines));
  const over = overBudget(budgets, machines, await downMachines(reach, members));
  if (over) return over;
  const earlier = await rows<{ group: string; run: string; startedBy: string }>(
    reach,
    `select standing ->> 'group' as "group", run, started_by as "startedBy" from runs
     where state = 'waiting' and standing ->> 'for' = 'budget' and number < $1 order by number`,
    [number],
  );
  for (const [group, { down, machines: named }] of Object.entries(budgets)) {
    const mine = Object.entries(named).filter(([, machine]) => machines.includes(machine));
    const first = earlier.find((one) => one.group === group);
    if (first && mine.length > 0) return { group, down, ours: mine.map(([host]) => host), others: [], first };
  }
  return undefined;
}

/** Which of these machines are down, and in which run; the definition is in `docs/decisions/0014`. */
export async function downMachines(reach: Reach, machines: readonly string[]): Promise<DownMachine[]> {
  return rows<DownMachine>(
    reach,
    `with told as (
       select tasks.run, step, host, machine, phase, wave, position, tasks.state, attempt, disturbs, number, started_by,
         runs.state as run_state, runs.ended_at is null as open
       from tasks join runs using (run)
       where machine = any ($1) and forgotten_at is null and archived_at is null
         and (runs.ended_at is null or runs.state = any ($2))
     ), latest as (
       select distinct on (run, machine) * from told where attempt > 0
       order by run, machine, phase desc, wave desc, position desc
     ), down as (
       select told.*, 'wave' as why from told join begun_waves begun using (run, phase, wave)
       where begun.ended_at is null and disturbs and state <> 'undone' and (open or attempt > 0)
       union all select *, 'running' from told where open and state = 'running' and disturbs
       union all select *, 'going-back' from told
       where run_state = 'undoing' and disturbs and attempt > 0 and state not in ('ok', 'skipped', 'undone', 'pending')
       union all select *, 'failed' from latest where state in ('failed', 'unreachable', 'unknown', 'undo_failed')
     )
     select distinct on (machine) machine, host, run, started_by as "startedBy", why from down
     where not exists (
         select 1 from acknowledgements said
         where said.run = down.run and coalesce(said.host, down.host) = down.host and (why = 'failed' or not open)
           and said.at >= coalesce((select max(at) from results where results.run = down.run and results.host = down.host), said.at)
       )
       and (open or not exists (
         select 1 from runs later join tasks using (run)
         where later.number > down.number and later.state = 'succeeded' and tasks.machine = down.machine and tasks.attempt > 0
       ))
     order by machine, why desc, number desc`,
    [machines, badEnds],
  );
}
