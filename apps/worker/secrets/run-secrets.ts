import { randomInt } from 'node:crypto';
import { authorityPem, createAuthority, readAuthority } from '../../../activities/certificates/authority.js';
import type { Authority } from '../../../activities/certificates/sign.js';
import { Failed } from '../../../model/failure.js';
import type { Plan, PlannedNext, PlannedSecret } from '../../../model/plan.js';
import { secretText } from '../../../model/secret-text.js';
import { holesOf, secretsIn } from '../../../model/holes.js';
import type { WorkerKey } from './identity.js';
import { SecretValue } from './secret-value.js';

/** Where sealed secrets are kept. */
export interface SecretRecords {
  /** Keeps what the run made; returns what was kept first. */
  keepRunSecret(run: string, name: string, sealed: Uint8Array): Promise<Uint8Array>;
  /** Has a run take the next value of a stored secret: the one that waits, or else this one. */
  takeNextSecret(run: string, name: string, next: PlannedNext, sealed: Uint8Array): Promise<void>;
  readRunSecret(run: string, name: string): Promise<Uint8Array | undefined>;
  /** A stored secret at the version of the plan. */
  readSealed(name: string, version: number): Promise<Uint8Array | undefined>;
}

/** Opened secrets, by the name they have in the runbook. */
export type SecretValues = ReadonlyMap<string, SecretValue<string | Authority>>;

export interface RunSecrets {
  /**
   * Makes the secrets that the run itself brings, and takes the next values of stored ones that it uses; harmless when it is
   * repeated, also by two workers at once.
   */
  prepareRunSecrets(run: string, plan: Plan): Promise<void>;
  /**
   * Opens the named secrets. Nothing of them is kept here.
   *
   * @throws Failed `secret/missing`
   */
  openSecrets(run: string, plan: Plan, names: readonly string[]): Promise<SecretValues>;
}

/** Secrets of runs, sealed wherever they rest. */
export function createRunSecrets(records: SecretRecords, key: WorkerKey, now: () => Date): RunSecrets {
  const make = async (run: string, name: string, secret: PlannedSecret): Promise<void> => {
    if ('stored' in secret || (await records.readRunSecret(run, name))) return;
    const value = await made(secret, now());
    const sealed = await key.seal(Buffer.from(value, 'utf8'));
    if (secret.next) await records.takeNextSecret(run, name, secret.next, sealed);
    else await records.keepRunSecret(run, name, sealed);
  };
  const openOne = async (
    run: string,
    plan: Plan,
    name: string,
  ): Promise<readonly [string, SecretValue<string | Authority>]> => {
    const secret = plan.secrets[name];
    if (!secret)
      throw missing(name, 'the plan declares no secret of that name', 'declare it under `secrets` and plan again');
    const sealed =
      'stored' in secret
        ? await records.readSealed(secret.stored, secret.version)
        : await records.readRunSecret(run, name);
    if (!sealed) throw nowhere(name, secret);
    return [name, new SecretValue(opened(name, secret, await unseal(key, name, sealed)))];
  };
  return {
    prepareRunSecrets: async (run, plan) => {
      // The next value of a secret that this plan does not touch is none of its business.
      const used = secretsIn(holesOf(plan.phases), plan);
      const due = Object.entries(plan.secrets).filter(([name, secret]) => !('next' in secret) || used.includes(name));
      await Promise.all(due.map(async ([name, secret]) => make(run, name, secret)));
    },
    openSecrets: async (run, plan, names) =>
      new Map(await Promise.all(names.map(async (name) => openOne(run, plan, name)))),
  };
}

async function made(secret: Exclude<PlannedSecret, { stored: string }>, now: Date): Promise<string> {
  if ('generate' in secret) return secretText(secret.generate.length, randomInt);
  return authorityPem(await createAuthority(secret.certificate_authority.name, now));
}

async function unseal(key: WorkerKey, name: string, sealed: Uint8Array): Promise<string> {
  try {
    return Buffer.from(await key.open(sealed)).toString('utf8');
  } catch (cause) {
    throw missing(
      name,
      'it was sealed to another key than this worker has, or was changed',
      "put the worker's old key back, or store the secret anew and plan again",
      cause,
    );
  }
}

function opened(name: string, secret: PlannedSecret, value: string): string | Authority {
  if (!('certificate_authority' in secret || ('authority' in secret && secret.authority))) return value;
  const authority = readAuthority(value);
  if (authority !== undefined) return authority;
  throw missing(
    name,
    'it is no certificate of an authority in PEM, followed by its private key without a passphrase',
    'store both in one file with `belay secret set`, then plan again',
  );
}

function nowhere(name: string, secret: PlannedSecret): Failed {
  if ('next' in secret) {
    const { stored, after } = secret.next;
    const known = `when the run began, another version of ${stored} was current than version ${after}, which the plan knows`;
    return missing(name, known, 'plan again, and start a new run');
  }
  if (!('stored' in secret))
    return missing(name, 'the run has not made it, or its sealed value is gone', 'start a new run');
  const { stored, version } = secret;
  return missing(
    name,
    `version ${version} of ${stored} is not in the secret store`,
    `store it with \`belay secret set ${stored}\`, then plan again`,
  );
}

function missing(name: string, known: string, next: string, cause?: unknown): Failed {
  return new Failed(
    { kind: 'secret/missing', tried: `to open the secret ${name}`, known: `${known}; nothing was done with it`, next },
    { cause },
  );
}
