import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { projectFolder } from '../../apps/cli/folders.js';
import type { Lab } from '../../lab/lab.js';
import type { HostCheckArgument } from '../../model/host-requests.js';
import { runWorkflowId } from '../../workflows/messages.js';
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
    await asked(place, run);
    await place.belay.say(run, 'undo', { to: 'last' });
    await place.belay.until(run, ['paused']);
    await place.belay.say(run, 'edit', { inputs: { last: 'better' }, reason: 'a better word' });
    await place.belay.say(run, 'resume');
    await asked(place, run);
    await place.belay.approve(run, 1);
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'edited-then-retried-from-a-step': async (place) => {
    const run = await stuck(place);
    await place.belay.say(run, 'edit', { inputs: { last: 'better' }, reason: 'a better word' });
    await on(place, 'node2', 'rm /tmp/stone');
    await place.belay.say(run, 'retry', { from: 'line' });
    await asked(place, run);
    await place.belay.say(run, 'edit', { inputs: { end: 'another' }, reason: 'another end' });
    await place.belay.approve(run, 1);
    await place.belay.until(run, ['succeeded']);
    return undone(place, run);
  },
  'host-scanned': async (place) => inquired(place, 'scan'),
  'host-checked': async (place) => inquired(place, 'check'),
  'host-cleaned': async (place) => inquired(place, 'clean'),
};

/** Runs a runbook of the cases. */
async function begun({ belay }: Place, name: string, inputs: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = join(projectFolder(), 'test', 'cases', 'end-to-end', name);
  return belay.start((await belay.plan(folder, inputs)).hash);
}

async function undone({ belay }: Place, run: string): Promise<string> {
  await belay.say(run, 'undo');
  await belay.until(run, ['undone', 'undo_incomplete']);
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
async function asked({ belay }: Place, run: string): Promise<void> {
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

async function inquired({ lab, belay }: Place, what: 'scan' | 'check' | 'clean'): Promise<string> {
  const { name: host, address, port, hostKeys } = lab.host('node1');
  const login: HostCheckArgument = { host, address, port, hostKeys, user: 'root', key: { secret: 'lab-key' } };
  const body = JSON.stringify(what === 'scan' ? { host, address, port } : login);
  const answer = await belay.request(`/v1/hosts/${what}`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  return `host${what[0]?.toUpperCase()}${what.slice(1)}:${host}`;
}
