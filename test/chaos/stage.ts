import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/connect.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import type { Plan } from '../../model/plan.js';
import { finalStates, type RunState } from '../../model/states.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { openCompiled } from './compiled.js';

/** The demonstration's hosts with the whole of Belay, and ways to run plans that nobody would write. */
export interface Stage {
  readonly lab: Lab;
  readonly belay: Belay;
  readonly database: Database;
  /** The demonstration's own plan for these hosts. */
  readonly plan: Plan;
  /** Starts a run of a changed plan; with `secretsOf` it has the secrets that this earlier run made. */
  start(plan: Plan, secretsOf?: string): Promise<string>;
  /** Waits for a final state, giving every approval; fails where the run waits for a decision. */
  end(run: string, seconds: number): Promise<RunState>;
  on(host: string, script: string): Promise<string>;
  /** What differs from the mark once Belay's own connections are set apart, one line each; waits for what is still ending. */
  differences(mark: string, seconds?: number): Promise<string[]>;
  close(): Promise<void>;
}

export async function openStage(name: string): Promise<Stage> {
  await labDown(name);
  const lab = await labUp({ name, description: 'lab/descriptions/demo.yaml' });
  const belay = await startBelay(lab);
  const compiled = await openCompiled(belay);
  const inputs = { appliance: 'inum=@!1111,ou=appliances,o=gluu', manager: lab.directory!.manager };
  const { plan } = await belay.plan('runbooks/gluu-cache', inputs);
  return {
    lab,
    belay,
    database: compiled.database,
    plan,
    start: async (changed, secretsOf) => compiled.start(changed, secretsOf),
    end: async (run, seconds) => end(belay, run, seconds),
    on: async (host, script) => (await lab.exec(host, ['sh', '-c', script])).stdout,
    differences: async (mark, seconds = 20) => differences(lab, mark, seconds),
    close: async () => {
      await compiled.close();
      await belay.stop();
      await labDown(name);
    },
  };
}

async function end(belay: Belay, run: string, seconds: number): Promise<RunState> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const now = await belay.run(run);
    if (finalStates.includes(now.state)) return now.state;
    if (now.state === 'waiting' && now.approval) await belay.approve(run, now.approval.phase);
    else if (now.state === 'waiting' || Date.now() > deadline) throw new Error(await stuck(belay, run));
    await sleep(100);
  }
}

/** What somebody needs to know to see why a run does not go on. */
async function stuck(belay: Belay, run: string): Promise<string> {
  const { state, standing } = await belay.run(run);
  const failed = (await belay.tasks(run)).filter((task) => task.failure);
  const last = (await belay.events(run)).slice(-6);
  return [
    `${run} is ${state} ${JSON.stringify(standing)}`,
    ...failed.map((task) => `${task.step} on ${task.host}: ${JSON.stringify(task.failure)}`),
    ...last.map((event) => `${String(event.sequence)} ${event.kind} ${JSON.stringify(event.data)}`),
  ].join('\n');
}

// Belay's own connection stays open for some minutes, with its runner at the other end; its journal stays longer.
const ours = /belay-runner|sshd: root@notty|uid 0: sleep 1$|^\/var\/lib\/belay(\/|$)/;
// The lab allows that apt begins these; whoever comes after an earlier run finds them begun, and goes on with them.
const goneOn = /^\/var\/(log\/apt\/(history|term)\.log|log\/apt\/eipp\.log\.xz|cache\/apt\/(src)?pkgcache\.bin)$/;

async function differences(lab: Lab, mark: string, seconds: number): Promise<string[]> {
  for (const deadline = Date.now() + seconds * 1000; ;) {
    const found = (await lab.diff(mark)).differences.filter(
      (one) => !ours.test(one.subject) && !goneOn.test(one.subject),
    );
    if (found.length === 0 || Date.now() > deadline)
      return found.map((one) =>
        `${one.host} ${one.kind} ${one.change} ${one.subject} ${one.detail} ${(one.lines ?? []).join(' ')}`.trim(),
      );
    await sleep(500);
  }
}
