import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { LabError } from './error.js';

const hostNameRule = 'a name has lower-case letters, digits and "-"';
const hostName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, hostNameRule);
const fqdn = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/, 'a full domain name, such as cache.lab.test');
const debianPackage = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'the name of a Debian package');

const host = z.strictObject({
  /** By default the host's name in the description's domain. */
  fqdn: fqdn.optional(),
  /** Debian packages that the host has from the start; everything else it must install. */
  preinstalled: z.array(debianPackage).default([]),
  /** Goes into the inventory, beside `fqdn`. */
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

const directory = z.strictObject({
  host: hostName,
  suffix: z.string(),
  manager: z.string(),
  /** LDIF files beside the description: the schema as an entry of cn=schema,cn=config, and the first entries. */
  schema: z.string(),
  tree: z.string(),
});

/** A repository of a vendor's packages `gluu-server-<version>`, from which hosts can install. */
const gluu = z.strictObject({
  versions: z.array(z.enum(['3.1.5', '3.1.6'])).min(1),
  /** Hosts whose container runs an sshd of its own on port 60022, as under systemd-nspawn; the others are entered by chroot. */
  console: z.array(hostName).default([]),
});

/** What a lab consists of. */
export const description = z
  .strictObject({
    about: z.string().optional(),
    domain: fqdn.default('lab.test'),
    hosts: z
      .record(z.string(), host)
      .refine((hosts) => between(Object.keys(hosts).length, 1, 200), 'a lab has 1 to 200 hosts'),
    groups: z.record(z.string(), z.array(hostName)).default({}),
    /** Debian packages the hosts can install offline, with all that those need. */
    packages: z.array(debianPackage).default([]),
    directory: directory.optional(),
    gluu: gluu.optional(),
  })
  .superRefine((read, context) => {
    for (const each of Object.keys(read.hosts))
      if (!hostName.safeParse(each).success) context.addIssue(`"${each}" cannot name a host: ${hostNameRule}`);
    const strangers = Object.values(read.groups)
      .flat()
      .concat(read.directory?.host ?? [], read.gluu?.console ?? [])
      .filter((each) => !(each in read.hosts));
    for (const stranger of strangers) context.addIssue(`"${stranger}" is no host of this description`);
    const slapd = read.directory && read.hosts[read.directory.host]?.preinstalled.includes('slapd');
    if (slapd === false) context.addIssue(`the directory's host needs "slapd" in "preinstalled"`);
  });

export type Description = z.input<typeof description>;
export type CheckedDescription = z.output<typeof description>;

/**
 * Reads a description from a YAML file, or checks one that is given.
 * @throws LabError with all that is wrong with it
 */
export async function readDescription(given: string | Description): Promise<CheckedDescription> {
  const [raw, folder, origin] =
    typeof given === 'string'
      ? [await readYaml(given), dirname(given), given]
      : [given, '.', 'the description of the lab'];
  const read = description.safeParse(raw);
  if (!read.success) throw new LabError(`${origin}: ${z.prettifyError(read.error)}`);
  const { directory: server, ...rest } = read.data;
  if (!server) return rest;
  return {
    ...rest,
    directory: { ...server, schema: resolve(folder, server.schema), tree: resolve(folder, server.tree) },
  };
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new LabError(`the description ${file} cannot be read: ${String(cause)}`, { cause });
  }
}

function between(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
