// cspell:words changenumberindex vhosts
import { setTimeout as sleep } from 'node:timers/promises';
import type { Belay } from '../end-to-end/belay.js';
import { changes } from './gluu-world.js';

/** A run that has succeeded, and which of its steps changed something where. */
export interface Carried {
  readonly run: string;
  readonly changed: string[];
}

/**
 * Runs a runbook to its end, with every approval that it asks for.
 * @throws where it pauses or ends otherwise, with the failures of its tasks
 */
export async function carryThrough(
  belay: Belay,
  runbook: string,
  inputs: Readonly<Record<string, unknown>>,
  inventory?: string,
): Promise<Carried> {
  const { hash, plan } = await belay.plan(runbook, inputs, inventory);
  const run = await belay.start(hash);
  const given = new Set<number>();
  for (;;) {
    const { state, approval } = await belay.until(run, ['waiting', 'paused', 'failed', 'succeeded'], 1200);
    if (state === 'succeeded') return { run, changed: await changes(belay, run, plan) };
    const wanted = approval?.phase;
    if (state !== 'waiting' || wanted === undefined) throw new Error(`${state}: ${await troubles(belay, run)}`);
    if (!given.has(wanted)) await belay.approve(run, wanted);
    given.add(wanted);
    await sleep(200);
  }
}

/** Undoes a run, and waits until it has been undone. A run that waited before may still say so for a moment. */
export async function carryBack(belay: Belay, run: string): Promise<void> {
  await belay.say(run, 'undo');
  for (const deadline = Date.now() + 1_200_000; ; await sleep(200)) {
    const { state, standing } = await belay.run(run);
    if (state === 'undone') return;
    const stuck = state === 'undo_incomplete' || standing['for'] === 'undo-decision';
    if (stuck || Date.now() > deadline) throw new Error(`${state}: ${await troubles(belay, run)}`);
  }
}

/** States of tasks that did not come or go back as they should. */
const amiss = /^(failed|unknown|undo_failed|unreachable)$/;

async function troubles(belay: Belay, run: string): Promise<string> {
  const tasks = (await belay.tasks(run)).filter(({ failure, state }) => failure !== undefined || amiss.test(state));
  return JSON.stringify(
    tasks.map(({ step, host, state, summary, failure }) => ({ step, host, state, summary, failure })),
    null,
    1,
  );
}

/** Logs of what a test asked for, what Debian's packages leave when they are purged, and the order of init scripts. */
const left =
  /\/var\/log\/(nginx\/access\.log|apt)$|\/debconf\/\w+\.dat-old$|\/var\/www(\/html(\/index\.nginx-debian\.html)?)?$|\/\.depend\.(boot|start|stop) /;

/** Differences from a mark that somebody would have to answer for. */
export const answeredFor = (differences: readonly string[]): string[] => differences.filter((one) => !left.test(one));

/** Files of a Gluu container that its servers write while they run, whatever a runbook does. */
const live = [
  String.raw`opt/opendj/db/\w+/(je\.stat\.csv|[0-9a-f]{8}\.jdb)`,
  String.raw`opt/opendj/changelogDb/(\d+\.dom/\d+\.server|changenumberindex)/head\.log`,
  String.raw`opt/opendj/logs/(access|replication|ldap-access\.audit\.json)`,
  String.raw`opt/gluu/jetty/(oxauth/logs/oxauth|identity/logs/oxtrust)\.log`,
  String.raw`opt/shibboleth-idp/logs/idp-process\.log`,
  String.raw`tmp/hsperfdata_(jetty|ldap)/\d+`,
  String.raw`var/log/apache2/(error|other_vhosts_access)\.log`,
];
const written = new RegExp(String.raw`^\w+ file \w+ /opt/gluu-server-[\d.]+/(${live.join('|')})$`);
/** The same of servers beside it: what csync2's passes have seen, what nginx could not reach, what Redis keeps and says. */
const beside =
  /^\w+ file changed \/var\/(lib\/(csync2\/[\w.-]+\.db3|redis\/dump\.rdb)|log\/(nginx\/error|redis\/redis-server)\.log)$/;

/**
 * The same of servers that have run all the while: their logs, counters and data files are left out. What the directory
 * holds is to be asked of the directory, see `entriesHeld`.
 */
export const answeredForRunning = (differences: readonly string[]): string[] =>
  answeredFor(differences).filter((one) => !written.test(one) && !beside.test(one));
