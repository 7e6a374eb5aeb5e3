import { z } from 'zod';
import type { Value } from '../value.js';
import { factNames, hostNames } from '../expression/sees.js';
import { storedName } from '../runbook/names.js';
import { weakAlgorithmNames } from './weak-algorithms.js';

const taken: readonly string[] = [...hostNames, ...factNames];

/** A host or a group by name. The name of a host is a folder name on that host, too. */
export const inventoryName = () =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'a name begins with a letter or digit and has at most 64 letters, digits, ".", "_" and "-"',
    )
    .refine((name) => name !== 'all', '"all" means every host');

const value: z.ZodType<Value> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(value), z.record(z.string(), value)]),
);

const values = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a value is named with letters, digits and "_"')
      .refine((name) => !taken.includes(name), `these names are taken: ${taken.join(', ')}`),
    value,
  )
  .default({})
  .describe('Anything that runbooks read as host.NAME');

const hostKey = z
  .string()
  .regex(
    /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|rsa-sha2-512|rsa-sha2-256|ssh-rsa) [A-Za-z0-9+/]{20,}={0,3}$/,
    'must be a key type and its base64, as in known_hosts; "belay host enrol" writes it',
  );

const key = z.union([
  z.strictObject({
    secret: storedName().describe('Name of the stored secret that holds the private key'),
    passphrase: storedName().exactOptional().describe('Name of the stored secret that opens an encrypted private key'),
  }),
  z.strictObject({ agent: z.literal(true).describe('The SSH agent of the worker') }),
]);

const address = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]*$/, 'must be a host name or an address')
  .describe('Name or address that the worker connects to');

const host = z.strictObject({
  address,
  port: z.int().min(1).max(65_535).default(22),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user name')
    .default('root')
    .describe('Who Belay logs in as'),
  key: key.describe('What it logs in with: { secret: NAME }, { secret: NAME, passphrase: NAME } or { agent: true }'),
  sudo: z
    .boolean()
    .default(false)
    .describe('Act as root by "sudo -n"; the user must be allowed to run /bin/sh so, without a password'),
  jump: inventoryName()
    .exactOptional()
    .describe('The host through which this one is reached; its keys are pinned, too'),
  weak_algorithms: z
    .array(z.enum(weakAlgorithmNames))
    .default([])
    .describe('Weak algorithms to accept from this host alone, which knows nothing better'),
  host_keys: z.array(hostKey).default([]).describe('Keys by which the host is known; without one it is not reached'),
  machine: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The machine behind the name, where two names may lead to one'),
  values,
});

const members = z.array(inventoryName());

const group = z
  .union([
    members,
    z.strictObject({
      hosts: members,
      values,
      budget: z
        .strictObject({ down: z.int().min(1).describe('Hosts of the group that may be down at a time, over all runs') })
        .optional()
        .describe('What runs together may do to the group; a wave that would exceed it waits'),
    }),
  ])
  .describe('Hosts and groups; or { hosts: […], values: {…}, budget: { down: 1 } }');

/** An inventory as it is written. */
export const inventory = z.strictObject({
  hosts: z.record(inventoryName(), host).describe('Hosts by name'),
  groups: z.record(inventoryName(), group).default({}).describe('Groups by name'),
});
export type InventoryDocument = z.infer<typeof inventory>;
export type InventoryHost = z.infer<typeof host>;
