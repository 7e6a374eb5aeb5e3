import { z } from 'zod';
import { failureKinds } from './failure.js';
import { lookStates } from './live/look.js';
import type { Plan } from './plan.js';
import { endings, runStates, taskStates } from './states.js';
import type { Value } from './value.js';
import { verbs } from './record.js';

/** What the API answers and the doors read: one schema a shape, from which types and OpenAPI are derived. */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const value = z.custom<Value>((given) => given !== undefined);

export const planAnswer = z.strictObject({
  hash: z.string(),
  plan: z.custom<Plan>((plan) => typeof plan === 'object' && plan !== null).meta({ type: 'object' }),
  shown: z.string().meta({ description: 'The plan as an operator reads it before approving' }),
  madeSecrets: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .meta({ description: 'Names of the secrets that were made for it, where that was asked for' }),
});
export type PlanAnswer = z.infer<typeof planAnswer>;

export const lookAnswer = z.strictObject({
  step: z.string(),
  host: z.string(),
  state: z.enum(lookStates),
  because: z.string().exactOptional(),
  before: z.array(z.string()).readonly().exactOptional().meta({ description: 'Steps that must have run before' }),
  diff: z.string().exactOptional().meta({ description: 'Unified, with secrets masked' }),
});
export const livePlanBegun = z.strictObject({ live: z.string() });
export type LivePlanBegun = z.infer<typeof livePlanBegun>;
export const livePlanAnswer = z.strictObject({
  live: z.string(),
  planHash: z.string(),
  by: z.string(),
  begunAt: time,
  endedAt: time.exactOptional(),
  state: z.enum(['going_on', 'done', 'failed']),
  hash: z.string().exactOptional().meta({ description: 'Over what would be done; there once it is done' }),
  looks: z.array(lookAnswer).readonly(),
  shown: z.string().meta({ description: 'As an operator reads it' }),
});
export type LivePlanAnswer = z.infer<typeof livePlanAnswer>;

export const runRow = z.strictObject({
  run: z.string(),
  runbook: z.string(),
  planHash: z.string(),
  state: z.enum(runStates),
  standing: z.record(z.string(), value).meta({ description: 'What the last move said about itself' }),
  by: z.string(),
  startedAt: time,
  changedAt: time,
  endedAt: time.exactOptional(),
  undo: z.strictObject({ number: z.int(), open: z.boolean() }).exactOptional(),
});
export type RunRow = z.infer<typeof runRow>;

export const approvalAnswer = z.strictObject({
  phase: z.int().meta({ description: 'Index of the phase, from 0' }),
  name: z.string(),
  ask: z.string(),
  groups: z.array(z.string()).readonly(),
  votes: z.int(),
  wanted: z.int(),
  deadline: time.exactOptional(),
});
export type ApprovalAnswer = z.infer<typeof approvalAnswer>;

export const troubleAnswer = z.strictObject({ step: z.string().exactOptional(), since: time, because: z.string() });

export const runAnswer = runRow.extend({
  excluded: z
    .array(z.strictObject({ host: z.string(), by: z.string(), because: z.string() }))
    .readonly()
    .meta({ description: 'Hosts that take no further part, by somebody’s word' }),
  planChanges: z
    .array(z.strictObject({ from: z.string(), to: z.string(), by: z.string(), because: z.string(), at: time }))
    .readonly()
    .meta({ description: 'How the run came to its present plan, oldest change first' }),
  tryingAgain: z.array(troubleAnswer).readonly().exactOptional().meta({
    description: 'What keeps the run from going on though no host failed; it is tried again by itself',
  }),
  approval: approvalAnswer.exactOptional().meta({ description: 'The approval that the run waits for' }),
});
export type RunAnswer = z.infer<typeof runAnswer>;

export const runsAnswer = z.strictObject({
  runs: z.array(runRow).readonly(),
  next: z.string().exactOptional().meta({ description: 'The "before" of the next page' }),
});
export type RunsAnswer = z.infer<typeof runsAnswer>;

const failure = z.strictObject({
  kind: z.enum(failureKinds),
  tried: z.string(),
  known: z.string(),
  next: z.string(),
  hints: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .meta({ description: "What the runbook's author advises for this known error" }),
});

export const taskAnswer = z.strictObject({
  step: z.string(),
  host: z.string(),
  phase: z.int(),
  wave: z.int(),
  turn: z.int().meta({ description: 'How many times it has gone back to be done again' }),
  state: z.enum(taskStates),
  attempt: z.int(),
  settled: z.boolean(),
  ending: z.enum(endings).exactOptional(),
  failure: failure.exactOptional(),
  exit: z.int().exactOptional(),
  milliseconds: z.number().exactOptional(),
  summary: z.string().exactOptional(),
  settledBy: z.strictObject({ by: z.string(), because: z.string() }).exactOptional(),
  left: z
    .strictObject({ undo: z.int(), because: z.string() })
    .exactOptional()
    .meta({ description: 'The newest undo that covered it has left it as it was, and why' }),
});
export type TaskAnswer = z.infer<typeof taskAnswer>;

export const tasksAnswer = z.strictObject({ tasks: z.array(taskAnswer).readonly() });
export type TasksAnswer = z.infer<typeof tasksAnswer>;

export const eventAnswer = z.strictObject({
  run: z.string(),
  sequence: z.int(),
  at: time,
  kind: z.string(),
  data: z.record(z.string(), value),
});
export const eventsAnswer = z.strictObject({ events: z.array(eventAnswer).readonly() });

export const verbAnswer = z.strictObject({
  id: z.string(),
  verb: z.enum(verbs),
  by: z.string(),
  outcome: z
    .strictObject({ accepted: z.boolean(), because: z.string() })
    .exactOptional()
    .meta({ description: 'Absent while nobody has settled it' }),
});
export type VerbAnswer = z.infer<typeof verbAnswer>;

export const secretAnswer = z.strictObject({
  name: z.string(),
  version: z.int().meta({ description: 'The current one' }),
  next: z.int().exactOptional().meta({ description: 'The one that waits to become it' }),
  by: z.string(),
  at: time,
});
export const secretsAnswer = z.strictObject({ secrets: z.array(secretAnswer).readonly() });
export type SecretsAnswer = z.infer<typeof secretsAnswer>;
export const secretKept = z.strictObject({ name: z.string(), version: z.int() });
export type SecretKept = z.infer<typeof secretKept>;
export const recipientAnswer = z.strictObject({ recipient: z.string() });
export type RecipientAnswer = z.infer<typeof recipientAnswer>;

export const leaseAnswer = z.strictObject({ machine: z.string(), run: z.string(), since: time });
export const leasesAnswer = z.strictObject({ leases: z.array(leaseAnswer).readonly() });
export type LeasesAnswer = z.infer<typeof leasesAnswer>;

/** What a host showed over the network. Nobody has confirmed it yet. */
export const hostKeysSeen = z.strictObject({
  keys: z.array(z.string()).readonly().meta({ description: '`type base64`, as in known_hosts' }),
  fingerprints: z.array(z.string()).readonly().meta({ description: '`SHA256:…`, in the order of the keys' }),
});
export type HostKeysSeen = z.infer<typeof hostKeysSeen>;

export const hostChecked = z.strictObject({
  os: z.string(),
  os_version: z.string(),
  init: z.string(),
  architecture: z.string(),
});
export type HostChecked = z.infer<typeof hostChecked>;

export const hostCleaned = z.strictObject({
  forgotten: z
    .array(z.string())
    .readonly()
    .meta({ description: 'Tasks whose journal, output and pre-images left the host' }),
});
export type HostCleaned = z.infer<typeof hostCleaned>;

export const hostKeyLine = z.strictObject({
  line: z.string().meta({ description: 'For authorized_keys of the user' }),
  installed: z.boolean().meta({ description: 'Whether it is there, and the key has logged in' }),
});
export type HostKeyLine = z.infer<typeof hostKeyLine>;

/** What the short host workflows return: what was asked for, or a failure as data. */
export type HostReply<T> = { readonly ok: T } | { readonly failure: z.infer<typeof failure> };
