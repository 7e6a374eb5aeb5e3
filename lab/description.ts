import { z } from 'zod';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a name has lower-case letters, digits and "-"');
const fqdn = z.string().regex(/^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/, 'a full domain name, such as cache.lab.test');
const packageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'the name of a Debian package');

const host = z.strictObject({
  /** By default the host's name in the description's domain. */
  fqdn: fqdn.optional(),
  /** Debian packages that the host has from the start; everything else it must install. */
  preinstalled: z.array(packageName).default([]),
  /** Goes into the inventory, beside `fqdn`. */
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

const directory = z.strictObject({
  host: name,
  suffix: z.string(),
  manager: z.string(),
  /** LDIF files, beside the description: the schema as an entry of cn=schema,cn=config, and the first entries. */
  schema: z.string(),
  tree: z.string(),
});

/** What a lab consists of. */
export const description = z.strictObject({
  about: z.string().optional(),
  domain: fqdn.default('lab.test'),
  hosts: z.record(name, host),
  groups: z.record(z.string(), z.array(name)).default({}),
  /** Debian packages the hosts can install offline, with all that those need. */
  packages: z.array(packageName).default([]),
  directory: directory.optional(),
});

export type Description = z.input<typeof description>;
export type CheckedDescription = z.output<typeof description>;
