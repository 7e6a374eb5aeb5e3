import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { projectFolder } from '../../apps/cli/folders.js';
import { parse, stringify } from 'yaml';
import type { Lab } from '../../lab/lab.js';
import type { HostCheckArgument } from '../../model/host-requests.js';
import { phaseWorkflowId, runWorkflowId } from '../../workflows/messages.js';
import type { Belay } from '../end-to-end/belay.js';

/** Where a story happens. */
export interface Place {
  readonly lab: Lab;
  readonly belay: Belay;
  readonly temporal: Client;
}

/** Does something with real hosts, and names what its workflows' ids contain. */
export type Story = (place: Place) => Promise<string>;

/** Each is told once a recording; together they go through every workflow and every turn that people can give a run. */
export const stories: Readonly<Record<string, Story>> = {
  'approved-then-undone-by-images-and-steps': async (place) => {
    const run = await begun(place, 'small');
    await place.belay.until(run, ['waiting']);
    await place.belay.approve(run, 1);
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'failed-then-retried': async (place) => {
    await on(place, 'node2', 'touch /tmp/stone');
    const run = await begun(place, 'stumble');
    await place.belay.until(run, ['waiting']);
    await on(place, 'node2', 'rm /tmp/stone');
    await place.belay.say(run, 'retry');
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'failed-then-skipped': async (place) => {
    await on(place, 'node2', 'touch /tmp/stone');
    const run = await begun(place, 'stumble');
    await place.belay.until(run, ['waiting']);
    await place.belay.say(run, 'skip', { step: 'stone', host: 'node2', reason: 'the stone may lie there' });
    await place.belay.until(run, ['succeeded']);
    await on(place, 'node2', 'rm /tmp/stone');
    return undone(place, run);
  },
  'paused-then-resumed': async (place) => {
    const run = await begun(place, 'long', { lines: 10 });
    await said(place, run, 'line 1');
    await place.belay.say(run, 'pause');
    await place.belay.until(run, ['paused']);
    await place.belay.say(run, 'resume');
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'cancelled-in-a-step-with-undo': async (place) => {
    const run = await begun(place, 'long', { lines: 100 });
    await said(place, run, 'line 2');
    await place.belay.say(run, 'cancel', { then: 'undo' });
    await place.belay.until(run, ['undone', 'undo_incomplete']);
    return run;
  },
  rejected: async (place) => {
    const run = await begun(place, 'small');
    const { planHash } = await place.belay.until(run, ['waiting']);
    await place.belay.say(run, 'reject', { phase: 1, planHash, reason: 'not today' });
    await place.belay.until(run, ['rejected']);
    return undone(place, run);
  },
  'terminated-then-undone': async (place) => {
    const run = await begun(place, 'long', { lines: 100 });
    await said(place, run, 'line 2');
    await place.temporal.workflow.getHandle(runWorkflowId(run)).terminate('somebody stopped it in Temporal');
    await place.belay.until(run, ['failed']);
    await quiet(place, run);
    return undone(place, run);
  },
  'kept-by-a-worker-that-is-gone': async (place) => {
    const run = await begun(place, 'long', { lines: 30 });
    await said(place, run, 'line 2');
    const phase = await place.temporal.workflow.getHandle(phaseWorkflowId(run, 0, 0)).describe();
    process.kill(Number.parseInt(phase.raw.pendingActivities?.[0]?.lastWorkerIdentity ?? '', 10), 'SIGKILL');
    await place.belay.until(run, ['succeeded'], 120);
    return undone(place, run);
  },
  'undone-after-a-decision': async (place) => {
    const run = await begun(place, 'stumble');
    await place.belay.until(run, ['succeeded']);
    await on(place, 'node1', 'echo mine >>/etc/stumble.first');
    await place.belay.say(run, 'undo');
    await place.belay.until(run, ['waiting']);
    await place.belay.say(run, 'skip', { step: 'first', host: 'node1', reason: 'it is mine' });
    await place.belay.until(run, ['undo_incomplete']);
    await on(place, 'node1', 'rm /etc/stumble.first');
    return run;
  },
  'failed-then-marked-done': async (place) => {
    await on(place, 'node2', 'touch /tmp/stone');
    const run = await begun(place, 'stumble');
    await place.belay.until(run, ['waiting']);
    await place.belay.say(run, 'mark-done', { step: 'stone', host: 'node2', reason: 'carried away' });
    await place.belay.until(run, ['succeeded']);
    await on(place, 'node2', 'rm /tmp/stone');
    return undone(place, run);
  },
  'undone-back-to-a-step-while-a-gate-waits': async (place) => {
    const run = await begun(place, 'small');
    await place.belay.until(run, ['waiting']);
    await place.belay.say(run, 'undo', { to: 'ledger' });
    await place.belay.until(run, ['paused']);
    await place.belay.say(run, 'resume');
    await place.belay.until(run, ['waiting']);
    await place.belay.approve(run, 1);
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'undone-on-one-host-in-a-step': async (place) => {
    const run = await begun(place, 'long', { lines: 10 });
    await said(place, run, 'line 1');
    await place.belay.say(run, 'undo', { host: 'node2' });
    await place.belay.until(run, ['paused']);
    await place.belay.say(run, 'resume');
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'excluded-then-edited-at-a-gate': async (place) => {
    const run = await stuck(place);
    await place.belay.say(run, 'exclude', { host: 'node2', reason: 'it has a stone' });
    await gateAsks(place, run);
    await place.belay.say(run, 'undo', { to: 'last' });
    await place.belay.until(run, ['paused']);
    await place.belay.say(run, 'edit', { inputs: { last: 'better' }, reason: 'a better word' });
    await place.belay.say(run, 'resume');
    await gateAsks(place, run);
    await place.belay.approve(run, 1);
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'edited-then-retried-from-a-step': async (place) => {
    const run = await stuck(place);
    await place.belay.say(run, 'edit', { inputs: { last: 'better' }, reason: 'a better word' });
    await on(place, 'node2', 'rm /tmp/stone');
    await place.belay.say(run, 'retry', { from: 'line' });
    await gateAsks(place, run);
    await place.belay.say(run, 'edit', { inputs: { end: 'another' }, reason: 'another end' });
    await place.belay.approve(run, 1);
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'undone-with-an-earlier-step': async (place) => undone(place, await filled(place)),
  'undone-with-an-earlier-step-by-a-second-undo': async (place) => {
    const run = await filled(place);
    await place.belay.say(run, 'undo', { to: 'filled' });
    await place.belay.until(run, ['paused']);
    return undone(place, run);
  },
  'left-with-an-earlier-step-that-was-skipped': async (place) => {
    await on(place, 'node2', 'touch /tmp/unkept');
    const run = await filled(place);
    await on(place, 'node2', 'rm /tmp/unkept');
    return undone(place, run);
  },
  'waited-in-line': async (place) => {
    const first = await begun(place, 'long', { lines: 30 });
    const second = await begun(place, 'small');
    await place.belay.until(first, ['succeeded']);
    await until(async () => (await place.belay.run(second)).approval !== undefined);
    await place.belay.say(second, 'cancel');
    await place.belay.until(second, ['cancelled']);
    await undone(place, first);
    return second;
  },
  'left-the-line': async (place) => {
    const first = await begun(place, 'long', { lines: 100 });
    const second = await begun(place, 'small');
    await place.belay.until(second, ['waiting']);
    await place.belay.say(second, 'cancel');
    await place.belay.until(second, ['cancelled']);
    await place.belay.say(first, 'cancel', { then: 'undo' });
    await place.belay.until(first, ['undone', 'undo_incomplete']);
    return second;
  },
  'undo-waited-in-line-and-was-withdrawn': async (place) => {
    const over = await begun(place, 'long', { lines: 1 });
    await place.belay.until(over, ['succeeded']);
    const first = await begun(place, 'long', { lines: 100 });
    await place.belay.until(first, ['running']);
    await place.belay.say(over, 'undo');
    await place.belay.until(over, ['waiting']);
    await place.belay.say(over, 'cancel');
    await place.belay.until(over, ['succeeded']);
    await place.belay.say(over, 'undo');
    await place.belay.until(over, ['waiting']);
    await place.belay.say(first, 'cancel', { then: 'undo' });
    await place.belay.until(over, ['undone', 'undo_incomplete']);
    return over;
  },
  'waited-for-room': async (place) => {
    const [here, there] = [budgeted(place, ['node1', 'node2']), budgeted(place, ['node2', 'node1'])];
    const first = await turn(place, here, 6);
    await until(async () => (await place.belay.tasks(first))[0]?.state === 'running');
    const second = await turn(place, there, 1);
    await place.belay.until(second, ['waiting']);
    await place.belay.until(second, ['succeeded']);
    return second;
  },
  'changed-a-database-and-a-web-server-and-carried-a-file': async (place) => {
    const run = await begun(place, 'beyond');
    await place.belay.until(run, ['succeeded'], 120);
    return undone(place, run);
  },
  'restarted-for-what-a-web-server-took-back': async (place) => {
    await place.lab.exec('data', ['sh', '-euc', readService], serviceScript());
    const { hash } = await place.belay.plan(join(projectFolder(), 'test/cases/end-to-end/restarts-back/later.yaml'));
    const run = await place.belay.start(hash);
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'looked-at-databases-and-web-servers': async (place) => looked(place, 'beyond'),
  'looked-at': async (place) => looked(place, 'small'),
  'rejected-by-a-live-plan': async (place) => {
    const { hash } = await planned(place, 'small');
    const approved = await liveHash(place, await looked(place, 'small'));
    await on(place, 'node1', 'echo otherwise >/etc/small.conf');
    const { run } = (await posted(place, '/v1/runs', { plan: hash, livePlan: approved })) as { run: string };
    await place.belay.until(run, ['rejected']);
    await on(place, 'node1', 'rm /etc/small.conf');
    return run;
  },
  'host-scanned': async (place) => asked(place, 'scan'),
  'host-checked': async (place) => asked(place, 'check'),
  'host-cleaned': async (place) => asked(place, 'clean'),
  'host-key': async (place) => asked(place, 'key'),
};

/** Has the service `story` of the cases run, whose script comes on standard input. */
const readService = `
  mkdir -p /srv/story
  cat >/etc/init.d/story
  chmod 0755 /etc/init.d/story
  cp -f /bin/sleep /srv/story/daemond
  service story start
`;

function serviceScript(): string {
  return readFileSync(join(projectFolder(), 'test/cases/steps/service/init.sh'), 'utf8');
}

/** Runs a runbook of the cases. */
async function begun({ belay }: Place, name: string, inputs: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = join(projectFolder(), 'test', 'cases', 'end-to-end', name);
  return belay.start((await belay.plan(folder, inputs)).hash);
}

/** An inventory of the lab whose nodes have a budget. */
function budgeted({ lab, belay }: Place, nodes: readonly string[]): string {
  const written = parse(readFileSync(lab.inventoryFile, 'utf8')) as { groups: Record<string, unknown> };
  written.groups['nodes'] = { hosts: nodes, budget: { down: 1 } };
  const file = join(belay.data, `${nodes.join('-')}.yaml`);
  writeFileSync(file, stringify(written));
  return file;
}

async function turn({ belay }: Place, inventory: string, seconds: number): Promise<string> {
  const folder = join(projectFolder(), 'test', 'cases', 'end-to-end', 'turn');
  return belay.start((await belay.plan(folder, { seconds }, inventory)).hash);
}

async function planned({ belay }: Place, name: string): Promise<{ hash: string }> {
  return belay.plan(join(projectFolder(), 'test', 'cases', 'end-to-end', name));
}

/** Makes a live plan; gives its name. */
async function looked(place: Place, name: string): Promise<string> {
  const { hash } = await planned(place, name);
  const { live } = (await posted(place, `/v1/plans/${hash}/live`)) as { live: string };
  await until(async () => (await liveHash(place, live)) !== '');
  return live;
}

async function liveHash({ belay }: Place, live: string): Promise<string> {
  return ((await (await belay.request(`/v1/live-plans/${live}`)).json()) as { hash?: string }).hash ?? '';
}

async function posted({ belay }: Place, path: string, body?: unknown): Promise<unknown> {
  const headers = { 'idempotency-key': randomUUID() };
  const answer = await belay.request(path, { method: 'POST', headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return answer.json();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(200)) if (await condition()) return;
  throw new Error('it did not become so');
}

async function undone({ belay }: Place, run: string): Promise<string> {
  await belay.say(run, 'undo');
  await belay.until(run, ['undone', 'undo_incomplete']);
  return run;
}

/** A run of `undone-by` that has done all there was to do: several steps go on in one stretch. */
async function filled(place: Place): Promise<string> {
  for (const host of ['node1', 'node2']) await on(place, host, 'mkdir -p /srv/store');
  const run = await begun(place, 'undone-by');
  await place.belay.until(run, ['succeeded']);
  return run;
}

/** A run of `fleet` that waits because a stone lies on node2. */
async function stuck(place: Place): Promise<string> {
  await on(place, 'node2', 'touch /tmp/stone');
  const run = await begun(place, 'fleet');
  await place.belay.until(run, ['waiting']);
  return run;
}

/** Waits until the run waits for an approval. */
async function gateAsks({ belay }: Place, run: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    if ((await belay.run(run)).approval) return;
  }
  throw new Error(`${run} asks for no approval`);
}

/** Waits until a step of `long` has said so. */
async function said({ belay }: Place, run: string, line: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    if ((await belay.output(run, 'one', 'node1')).includes(line)) return;
  }
  throw new Error(`${run} did not say ${line}`);
}

/** Waits until the run has given its hosts up. */
async function quiet({ belay }: Place, run: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(200)) {
    if (!(await (await belay.request('/v1/leases')).text()).includes(run)) return;
  }
  throw new Error(`${run} still holds its hosts`);
}

async function on({ lab }: Place, host: string, script: string): Promise<void> {
  await lab.exec(host, ['sh', '-c', script]);
}

async function asked({ lab, belay }: Place, what: 'scan' | 'check' | 'clean' | 'key'): Promise<string> {
  const { name: host, address, port, hostKeys } = lab.host('node1');
  const login: HostCheckArgument = { host, address, port, hostKeys, user: 'root', key: { secret: 'lab-key' } };
  const body = JSON.stringify(what === 'scan' ? { host, address, port } : login);
  const answer = await belay.request(`/v1/hosts/${what}`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  return `host${what[0]?.toUpperCase()}${what.slice(1)}:${host}`;
}
