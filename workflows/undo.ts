import { CancellationScope, continueAsNew, patched, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { UndoBarrier, UndoneHost, UndoResult, VerbRecord } from '../model/record.js';
import { openInbox, type Inbox } from './inbox.js';
import { atKeeper, type Keeper } from './keeper.js';
import { waitInLine } from './line.js';
import { standingQuery, type UndoArgument } from './messages.js';
import { actingOn, databases, directories, hosts, records, secrets, webServers } from './reach.js';

/** Seconds before each further try of our own; after the last one a person decides. */
const patience = [2, 10, 30] as const;

/**
 * Takes a run back, or the part of it that its row names: backwards by phase, wave and step, with the same barriers as on the way there. It works from
 * records and journals alone, so it serves open, finished and terminated runs; cancellation does not reach it.
 */
export async function undo({ run, undo: number, verbs = [], from }: UndoArgument): Promise<string> {
  let standing = 'starting';
  setHandler(standingQuery, () => standing);
  const inbox = openInbox(run, verbs);
  return CancellationScope.nonCancellable(async () => {
    while (await records.runbookIsOpen(run)) await sleep(500);
    const outline = await records.readUndo(run, number);
    const keeper: Keeper = { queue: outline.queue };
    if (outline.queued) {
      standing = 'waiting in line for its leases';
      const waited = await waitInLine(run, inbox, 'waiting/undo-leases');
      if (waited === 'long') return continueAsNew<typeof undo>({ run, undo: number, verbs: await inbox.left() });
      if (waited !== 'held') return withdraw(run, number, waited, inbox);
    }
    for (const barriers of byWave(outline.barriers, from)) {
      const { phase, wave } = barriers[0]!;
      const again = { run, undo: number, from: { phase, wave } };
      for (const barrier of barriers) {
        if (isLong()) return continueAsNew<typeof undo>({ ...again, verbs: await inbox.left() });
        standing = `${barrier.name} (${barrier.step})`;
        await goBack(run, number, stepOf(run, number, barrier, keeper), inbox);
      }
      if (isLong()) return continueAsNew<typeof undo>({ ...again, verbs: await inbox.left() });
      await goBack(run, number, restartsOf(run, number, barriers, keeper), inbox);
    }
    if (outline.scope) await records.goOnAfterUndo(run, number);
    await inbox.close('too late: the undo has ended');
    const left = await records.finishUndo(run, number);
    return left === 0 ? 'undone' : `undo incomplete: ${left} ${left === 1 ? 'task' : 'tasks'} left as they are`;
  });
}

/** Tasks that go back together, as a workflow knows them. */
type Barrier = UndoBarrier<UndoneHost>;

/** Nothing has gone back yet: the run stands again as it did before. */
async function withdraw(run: string, number: number, verb: VerbRecord, inbox: Inbox): Promise<string> {
  await records.withdrawUndo(run, number, verb.by);
  await inbox.settle(verb, `undo ${number} is withdrawn; nothing has gone back`);
  await inbox.close('too late: the undo has been withdrawn');
  return `withdrawn by ${verb.by}`;
}

/**
 * Whether the history is so long that a new one should be begun. It is asked between two things that go back: what is over
 * by then is in Postgres, and what is stuck is not over.
 */
function isLong(): boolean {
  return workflowInfo().continueAsNewSuggested && patched('undos continue as new');
}

/** Barriers of the same phase and wave, in their order; those of waves that are over are left out. */
function byWave(barriers: readonly Barrier[], from: UndoArgument['from']): Barrier[][] {
  const waves: Barrier[][] = [];
  for (const barrier of barriers) {
    if (from && (barrier.phase > from.phase || (barrier.phase === from.phase && barrier.wave > from.wave))) continue;
    const last = waves.at(-1);
    if (last?.[0]?.phase === barrier.phase && last[0].wave === barrier.wave) last.push(barrier);
    else waves.push([barrier]);
  }
  return waves;
}

/** What goes back together: a step on its hosts, or the restarts that a phase owes there. */
interface Stretch {
  readonly hosts: readonly string[];
  /**
   * @param retried - those of them of which a person has just said that they are to be tried again
   * @param left - what a person has said is to stay as it is; on a host of which something else goes on, too
   */
  attempt(on: readonly string[], retried: readonly string[], left: readonly UndoResult[]): Promise<UndoResult[]>;
}

/** Every host of it is back, or somebody has decided to leave it, before what came before it goes back. */
async function goBack(run: string, number: number, stretch: Stretch, inbox: Inbox): Promise<void> {
  let open = stretch.hosts;
  let retried: readonly string[] = [];
  const left: UndoResult[] = [];
  for (let tries = 0; open.length > 0; tries += 1) {
    const results = await stretch.attempt(open, retried, left);
    const stuck = results.filter((one) => one.outcome === 'undo_failed' || one.outcome === 'decide');
    if (stuck.length === 0) return;
    open = hostsOf(stuck);
    retried = [];
    const wait = stuck.some((one) => one.outcome === 'decide') ? undefined : patience[tries];
    if (wait === undefined) {
      const decided = await decide(run, number, stuck, inbox);
      ({ open, retried } = decided);
      left.push(...decided.left);
      tries = -1;
    } else {
      await sleep(wait * 1000);
    }
  }
}

function stepOf(run: string, number: number, barrier: Barrier, keeper: Keeper): Stretch {
  const { phase, wave, step } = barrier;
  return {
    hosts: barrier.hosts
      .filter((task) => task.outcome !== 'undone' && task.outcome !== 'left')
      .map((task) => task.host),
    attempt: async (on, retried) => {
      const options = actingOn('undo', barrier.name, barrier.timeout, on);
      const request = { run, undo: number, phase, wave, step, hosts: on };
      const asked = retried.length === 0 ? {} : { retried };
      if (barrier.on === 'host')
        return atKeeper(keeper, async (to, passedOn) =>
          hosts.undoHostStep.executeWithOptions({ ...options, ...to }, [{ ...request, ...asked, ...passedOn }]),
        );
      if (barrier.on === 'ldap') return directories.undoLdapStep.executeWithOptions(options, [request]);
      if (barrier.on === 'http') return webServers.undoHttpStep.executeWithOptions(options, [request]);
      if (barrier.on === 'sql') return databases.undoSqlStep.executeWithOptions(options, [request]);
      if (barrier.on === 'secrets') return secrets.undoSecretStep.executeWithOptions(options, [request]);
      return records.recordUndo(request);
    },
  };
}

/** What depended on files that are back now restarts, where it still runs. */
function restartsOf(run: string, number: number, barriers: readonly Barrier[], keeper: Keeper): Stretch {
  const { phase = 0, wave = 0 } = barriers[0] ?? {};
  return {
    hosts: owingHosts(barriers),
    attempt: async (on, _retried, left) => {
      const request = { run, undo: number, phase, wave, hosts: on };
      const services = left.flatMap(({ host, restarts }) =>
        restarts === undefined ? [] : [{ host, service: restarts }],
      );
      const stays = services.length === 0 ? {} : { left: services };
      return atKeeper(keeper, async (to) =>
        hosts.payRestarts.executeWithOptions({ ...actingOn('undo', 'services owe a restart', 300, on), ...to }, [
          { ...request, ...stays },
        ]),
      );
    },
  };
}

/** Hosts on which something has gone back that a service there may read; a directory or a web server may be it, too. */
function owingHosts(barriers: readonly Barrier[]): string[] {
  const hostsOf = (which: readonly Barrier[]): string[] => [
    ...new Set(which.flatMap((barrier) => barrier.hosts.map((task) => task.host))),
  ];
  const onHosts = hostsOf(barriers.filter(({ on }) => on === 'host'));
  const all = hostsOf(barriers.filter(({ on, how }) => on === 'host' || how === 'restore' || how === 'steps'));
  // Undos that began before went only by what acts on the hosts themselves.
  return all.length === onHosts.length || !patched('restarts for what the worker takes back') ? onHosts : all;
}

/**
 * Waits until somebody says to try again, or to leave a host as it is; gives the hosts to go on with, those to be tried
 * again, and what is left.
 */
async function decide(
  run: string,
  number: number,
  stuck: readonly UndoResult[],
  inbox: Inbox,
): Promise<{
  readonly open: readonly string[];
  readonly retried: readonly string[];
  readonly left: readonly UndoResult[];
}> {
  await records.moveRun(run, 'waiting', {
    ...{ for: 'undo-decision', step: stuck[0]?.step ?? '', hosts: hostsOf(stuck) },
    ...becauseOf(stuck),
  });
  for (;;) {
    await inbox.wait();
    const verb = await inbox.next('waiting/undo-decision');
    if (!verb) continue;
    const { step, host, reason } = verb.arguments;
    const named = stuck.filter((one) => (step ?? one.step) === one.step && (host ?? one.host) === one.host);
    if (named.length === 0) {
      await inbox.refuse(verb, `what waits is ${stuck.map((one) => `${one.step} on ${one.host}`).join(', ')}`);
      continue;
    }
    const skip = verb.verb === 'skip';
    if (skip) await records.leaveTasks(run, number, named, reason ?? '', verb.by);
    await inbox.settle(
      verb,
      `${skip ? 'left as it is' : 'tried again'}: ${named.map((one) => `${one.step} on ${one.host}`).join(', ')}`,
    );
    await records.moveRun(run, 'undoing');
    return skip
      ? { open: hostsOf(stuck.filter((one) => !named.includes(one))), retried: [], left: named }
      : { open: hostsOf(stuck), retried: hostsOf(named), left: [] };
  }
}

/** Each once: several services of a host may be stuck. */
const hostsOf = (results: readonly UndoResult[]): string[] => [...new Set(results.map((one) => one.host))];

/** A restart that failed is told with the run, for the task of its service may be back. */
function becauseOf(stuck: readonly UndoResult[]): { readonly because?: string } {
  const failed = stuck.find(({ restarts }) => restarts !== undefined);
  return failed ? { because: `restart of ${failed.restarts} on ${failed.host}: ${failed.summary}` } : {};
}
