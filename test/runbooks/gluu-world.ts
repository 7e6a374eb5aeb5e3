import type { Description } from '../../lab/description.js';
import type { Lab } from '../../lab/lab.js';
import type { Plan } from '../../model/plan.js';
import type { Belay } from '../end-to-end/belay.js';

/** Two nodes, and one host that is both the balancer and the cache host; nothing of a cluster is on them. */
export const pair = (more: Partial<Description> = {}): Description => ({
  about: 'Two nodes, and a balancer that is the cache host, too',
  domain: 'lab.test',
  hosts: { node1: {}, node2: {}, balancer: { fqdn: 'login.lab.test' } },
  groups: { nodes: ['node1', 'node2'], balancer: ['balancer'], cache: ['balancer'] },
  ...more,
});

/** What small hosts of a lab have, and the name that all of it bears. */
export const small = { public_name: 'login.lab.test', memory: '256MiB', disk: '1GiB' };

/** What Gluu is told there that its programs may take, MB: the least that it accepts. */
export const smallPrograms = { application_memory: 1024 };

// Belay's own connection stays open for some minutes, with its runner at the other end, which sleeps now and then; its
// journal stays longer.
const ours = /belay-runner|sshd: root@notty|uid 0: (sleep 1|\[sleep\])$|^\/var\/lib\/belay(\/|$)/;
// The lab allows that apt begins these; whoever comes after an earlier run finds them begun, and goes on with them.
const goneOn =
  /^\/var\/(log\/apt\/(history|term)\.log|log\/apt\/eipp\.log\.xz|cache\/apt\/(src)?pkgcache\.bin|lib\/apt\/extended_states)$/;
// What tools keep of their own last calls: generations of ucf's lists, debconf's copy, the order of init scripts, the
// folder in which a JVM of root's kept its counters.
const kept = /^\/(var\/lib\/ucf\/|var\/cache\/debconf\/\S+-old$|etc\/init\.d\/\.depend\.|tmp\/hsperfdata_root$)/;

/** What is otherwise than at the mark, one line each; nothing of Belay's own. */
export async function differences(lab: Lab, mark: string): Promise<string[]> {
  return (await lab.diff(mark)).differences
    .filter(({ subject }) => ![ours, goneOn, kept].some((pattern) => pattern.test(subject)))
    .map((one) => `${one.host} ${one.kind} ${one.change} ${one.subject} ${(one.lines ?? []).join(' ')}`.trim());
}

/** The steps of a run that changed a host: those that only read are left out. */
export async function changes(belay: Belay, run: string, plan: Plan): Promise<string[]> {
  const reading = plan.phases
    .flatMap(({ steps }) => steps)
    .filter(({ readOnly, undo }) => readOnly || undo.how === 'nothing')
    .map(({ id }) => id);
  return (await belay.tasks(run))
    .filter(({ state, step }) => state === 'changed' && !reading.includes(step))
    .map(({ step, host }) => `${step} on ${host}`);
}

/** Which step failed where, `step@host`. */
export async function failures(belay: Belay, run: string): Promise<string[]> {
  return (await belay.tasks(run)).filter(({ state }) => state === 'failed').map(({ step, host }) => `${step}@${host}`);
}
