import { z } from 'zod';
import { weakAlgorithmNames } from '../../model/inventory/weak-algorithms.js';
import { verbs } from '../../model/record.js';

/** The shapes of what is sent to the API. Unknown keys are refused everywhere. */

const path = z
  .string()
  .min(1)
  .max(512)
  .refine((name) => !name.startsWith('/') && !name.includes('\0'), 'must be a relative path');

const file = z
  .union([z.string(), z.strictObject({ base64: z.base64() })])
  .meta({ description: 'Text as it is, or bytes as {"base64": "…"}' });

/** Whatever JSON can say; the runbook's parameters say more. */
const json = z.unknown();

/** A revision, its inputs and its hosts, to be compiled. */
export const planBody = z.strictObject({
  files: z
    .record(path, file)
    .refine((files) => Object.keys(files).length <= 2_000, 'at most 2,000 files')
    .meta({ description: 'The runbook, the inventory, and the files that lie beside the runbook, by relative path' }),
  runbook: path.meta({ description: 'Which of the files is the runbook' }),
  inventory: path.meta({ description: 'Which of the files is the inventory' }),
  inputs: z.record(z.string().min(1).max(100), json).default({}),
  makeSecrets: z.boolean().default(false).meta({
    description:
      'Make and store, sealed to the worker, each stored secret of the runbook that says how it is made, where none is stored; nothing is made where the plan has other mistakes',
  }),
});
export type PlanBody = z.infer<typeof planBody>;

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a plan hash: 64 hexadecimal digits');

export const runBody = z.strictObject({
  plan: hash,
  wait: z
    .boolean()
    .default(true)
    .meta({ description: 'Wait in line where other runs hold its hosts; false refuses it then (run/lease-held)' }),
  livePlan: hash.optional().meta({
    description:
      'Hash of a live plan of this plan; the run looks again when it begins, and is rejected where it differs',
  }),
});
export type RunBody = z.infer<typeof runBody>;

const words = z.string().trim().min(1).max(2_000);
const nothing = z.strictObject({});
const tasks = { step: z.string().max(80).optional(), host: z.string().max(253).optional() };
const gate = { phase: z.int().min(0), planHash: hash, comment: words.optional() };

/** One row a verb: what must and may be said with it. */
const said = {
  approve: z.strictObject(gate),
  reject: z.strictObject({ ...gate, reason: words }),
  pause: nothing,
  resume: nothing,
  retry: z
    .strictObject({
      ...tasks,
      from: tasks.step.meta({
        description: 'This step and all later ones of the wave again, also where they went well',
      }),
      only: z.literal('failed-hosts').optional().meta({ description: 'With "from": hosts on which something failed' }),
    })
    .refine(({ step, from }) => step === undefined || from === undefined, {
      error: 'either one step or all from a step on, not both',
      path: ['from'],
    })
    .refine(({ from, only }) => only === undefined || from !== undefined, { error: 'needs "from"', path: ['only'] }),
  skip: z.strictObject({ ...tasks, reason: words }),
  'mark-done': z.strictObject({ step: tasks.step.unwrap(), host: tasks.host.unwrap(), reason: words }),
  exclude: z.strictObject({ host: tasks.host.unwrap(), reason: words }),
  edit: z.strictObject({
    inputs: z
      .record(z.string().min(1).max(100), json)
      .refine((inputs) => Object.keys(inputs).length > 0, 'at least one parameter')
      .meta({ description: 'The parameters that change' }),
    reason: words,
  }),
  cancel: z.strictObject({ then: z.enum(['stop', 'undo']).default('stop'), reason: words.optional() }),
  undo: z
    .strictObject({
      to: tasks.step.meta({ description: 'Back to this step, which goes back too; the run stands paused before it' }),
      host: tasks.host.meta({ description: 'What was done on this host alone; it is excluded then' }),
      reason: words.optional(),
    })
    .refine(({ to, host }) => to === undefined || host === undefined, {
      error: 'either back to a step or one host, not both',
      path: ['host'],
    }),
} satisfies Record<(typeof verbs)[number], z.ZodType>;

const spoken = verbs.map((verb) => z.strictObject({ verb: z.literal(verb), arguments: said[verb] }));
export const verbBody = z.discriminatedUnion('verb', spoken as [(typeof spoken)[number], ...typeof spoken]);
export type VerbBody = z.infer<typeof verbBody>;

export const acknowledgeBody = z.strictObject({
  host: z.string().min(1).max(253).optional().meta({ description: 'All hosts of the run where absent' }),
  reason: words,
});
export type AcknowledgeBody = z.infer<typeof acknowledgeBody>;

const secretName = z.string().regex(/^[a-z][a-z0-9_.-]{0,62}$/, 'must begin with a letter and hold only a-z 0-9 _ . -');

export const secretPath = z.strictObject({ name: secretName });
export const secretBody = z.strictObject({
  sealed: z
    .base64()
    .min(1)
    .max(200_000)
    .meta({ description: 'The value, sealed with age to the recipient, in base64' }),
});
export type SecretBody = z.infer<typeof secretBody>;

const runName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,110}$/, 'must be a run, or the beginning of one');
export const runPath = z.strictObject({ run: runName });
export const planPath = z.strictObject({ hash });
export const livePath = z.strictObject({
  live: z.string().regex(/^live-[a-z0-9-]{1,120}$/, 'must be the name of a live plan'),
});
export const taskPath = z.strictObject({ run: runName, step: z.string().max(80), host: z.string().max(253) });

const count = (most: number) => z.coerce.number().int().min(1).max(most);

export const runsQuery = z.strictObject({
  waiting: z.enum(['true', 'false']).optional(),
  limit: count(200).default(50),
  before: z.string().max(200).optional().meta({ description: 'The "next" of the page before' }),
});
export type RunsQuery = z.infer<typeof runsQuery>;

export const eventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({ description: 'The number of the last event already seen' }),
  limit: count(1_000).default(200),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

export const outputQuery = z.strictObject({
  stream: z.enum(['stdout', 'stderr']).default('stdout'),
  part: z.enum(['check', 'capture', 'do', 'verify', 'undo']).default('do'),
  attempt: count(1_000_000).optional().meta({ description: 'The last one where absent' }),
});
export type OutputQuery = z.infer<typeof outputQuery>;

const destination = z.strictObject({
  host: z.string().min(1).max(253),
  address: z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}$/, 'must be an address or a name'),
  port: z.int().min(1).max(65535),
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user name'),
});
const key = z.union([
  z.strictObject({ secret: secretName, passphrase: secretName.exactOptional() }),
  z.strictObject({ agent: z.literal(true) }),
]);
const weakAlgorithms = z.array(z.enum(weakAlgorithmNames)).max(20).exactOptional();
const login = destination.extend({ hostKeys: z.array(z.string().max(2_000)).min(1).max(20), key, weakAlgorithms });
const jump = z
  .array(login)
  .max(10)
  .exactOptional()
  .meta({ description: 'The hosts on the way, nearest to the worker first' });

export const scanBody = destination.omit({ user: true }).extend({ weakAlgorithms, jump });
export type ScanBody = z.infer<typeof scanBody>;
export const hostBody = login.extend({ jump, sudo: z.boolean().exactOptional() });
export type HostBody = z.infer<typeof hostBody>;
export const hostKeyBody = hostBody.extend({
  hostKeys: z.array(z.string().max(2_000)).max(20),
  sealedPassword: z
    .base64()
    .min(1)
    .max(20_000)
    .exactOptional()
    .meta({ description: 'A password for one login, sealed with age to the recipient, in base64' }),
});
export type HostKeyBody = z.infer<typeof hostKeyBody>;
