import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../chance.js';
import { directoryValue } from './directory-faults.js';
import { follow, type Passage } from './follow.js';
import { pidOf, type Ground } from './ground.js';
import type { Recovery } from './recovery.js';
import { planOf, sceneOf, start, until, type Fault } from './scene.js';
import type { SecretSearch } from './secrets.js';
import { smallPlan } from './small-plan.js';

/** What became of one fault. */
export interface Passed {
  readonly fault: Pick<Fault, 'group' | 'name'>;
  readonly run: string;
  readonly ok: boolean;
  /** How it is known to have fired, or what went wrong. */
  readonly said: string;
  readonly state: string;
  readonly seconds: number;
  readonly recovery?: Recovery;
}

interface Around {
  readonly chance: Chance;
  readonly away: number;
  readonly secrets: SecretSearch;
}

/** Seconds within which a run must stand in a final state: twice what the steps, people and absences can take. */
const deadline = 300;
/** Seconds from the repair within which the run must go on. */
const patience = 60;

/** A run that nothing disturbs. @returns the seconds that it takes */
export async function undisturbed(ground: Ground, around: Omit<Around, 'away'>): Promise<number> {
  const nothing: Fault = { group: 'control', name: 'nothing', strike: async () => 'nothing' };
  const one = await passThrough(ground, nothing, { ...around, away: 0 });
  if (!one.ok) throw new Error(`a run that nothing disturbs fails: ${one.said}`);
  return one.seconds;
}

export async function passThrough(ground: Ground, fault: Fault, around: Around): Promise<Passed> {
  await everythingRuns(ground);
  const mark = `MARK-${String(around.chance.seed)}-${String(performance.now())}`;
  const plan = smallPlan(await planOf(ground, mark), fault);
  const run = await start(ground, plan);
  const began = performance.now();
  let repairedAt: number | undefined;
  let struck = false;
  const scene = sceneOf({ ground, run, mark, ...around }, () => (repairedAt ??= Date.now()));
  const following = follow({
    ...{ ground, run, goal: fault.goal },
    // Temporal is away five times as long as Postgres is.
    deadline: deadline + (fault.group === 'away' || fault.layout === 'production' ? 5 * around.away : 0),
    struck: () => struck,
    whole: () => repairedAt !== undefined,
    repair: () => ({ at: repairedAt ?? Date.now(), ...(fault.hosts === undefined ? {} : { hosts: fault.hosts }) }),
  });
  const striking = fault.strike(scene).finally(() => {
    struck = true;
    scene.repaired();
  });
  const [strike, end] = await Promise.allSettled([striking, following]);
  heal(ground);
  const seconds = (performance.now() - began) / 1000;
  const faults = [
    ...[strike, end].flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
    ...(end.status === 'fulfilled' ? await wrong(ground, fault, end.value, mark) : []),
    ...(await around.secrets.changed()),
  ];
  const passage = end.status === 'fulfilled' ? end.value : undefined;
  const said = [strike.status === 'fulfilled' ? strike.value : '', ...(passage?.decisions ?? []), ...faults];
  return {
    ...{ fault: { group: fault.group, name: fault.name }, run, seconds, ok: faults.length === 0 },
    said: said.filter((part) => part !== '').join('; '),
    state: passage?.state ?? '?',
    ...(passage?.recovery === undefined ? {} : { recovery: passage.recovery }),
  };
}

/** What is not as it should be after a run that has ended. */
async function wrong(ground: Ground, fault: Fault, { state, recovery }: Passage, mark: string): Promise<string[]> {
  const found: string[] = [];
  const who = fault.hosts?.join(' or ') ?? 'the run';
  const ends = fault.ends ?? [fault.goal ?? 'succeeded'];
  if (!ends.includes(state)) found.push(`it ended ${state}, not ${ends.join(' or ')}`);
  if (recovery === undefined) found.push(`nothing shows that ${who} went on after the repair`);
  if (recovery === 'had ended' && !fault.mayEnd)
    found.push(`${who} had ended before the repair, without which it cannot`);
  if (typeof recovery === 'number' && recovery > patience)
    found.push(`${who} did not go on for ${recovery.toFixed(0)} s after the repair`);
  const value = await directoryValue(ground);
  if (state === 'succeeded' && !value.includes(mark)) found.push('the directory lacks the mark of the run');
  if (state === 'undone' && value.includes(mark)) found.push('the directory still has the mark of the run');
  return found;
}

function heal({ wires, ldapWire, disks }: Ground): void {
  for (const wire of [...Object.values(wires), ldapWire]) wire.heal();
  for (const disk of Object.values(disks)) disk.empty();
}

/** The fault before may still be felt: each starts from a whole world. */
async function everythingRuns(ground: Ground): Promise<void> {
  for (const host of ground.lab.hosts) if (!(await ground.lab.isOn(host.name))) await ground.lab.powerOn(host.name);
  await until(
    'all parts run and answer',
    async () => {
      const there = ['postgres', 'temporal', 'api', 'worker'].every((part) => pidOf(ground, part) !== undefined);
      const ready =
        there &&
        (await ground.belay.request('/readyz').then(
          ({ ok }) => ok,
          () => false,
        ));
      if (!ready) await sleep(200);
      return ready;
    },
    120,
  );
}
