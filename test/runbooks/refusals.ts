import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { must } from '../../lab/program.js';
import type { Stage } from './gluu-cluster-lab.js';

/** What is wrong, how it comes to be so on a host, and what a runbook has to say of it before it changes anything. */
export interface Refusal {
  /** What is refused, as the end of a sentence. */
  readonly it: string;
  /** Which runbook refuses it; gluu/cluster where absent. */
  readonly runbook?: 'directory';
  /** How far the hosts have come before. */
  readonly stage: Stage;
  /** The host where `begin` makes it so, and `end` puts it right, as root. */
  readonly at?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** A name: a certificate for it is given as that of the balancer. */
  readonly certificate?: string;
  /** Stored secrets that are others during this run. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The tasks that fail, `step@host`, all of them. */
  readonly refused: readonly string[];
  /** Pattern of what the first of them says. */
  readonly says: string;
  /** Pattern of what the operator is advised to do; absent where nothing is. */
  readonly advice?: string;
}

export interface Refusals {
  /** Functions of sh for `begin` and `end`. */
  readonly tools: string;
  readonly cases: readonly Refusal[];
}

export const refusals: Refusals = parse(
  readFileSync('test/cases/runbooks/refusals/gluu-cluster.yaml', 'utf8'),
) as Refusals;

/** A new certificate that signed itself, for a name. */
export async function certificateFor(name: string): Promise<string> {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x'];
  return must(['openssl', 'req', ...kind, '-addext', `subjectAltName=DNS:${name}`, '-keyout', '/dev/null']);
}
