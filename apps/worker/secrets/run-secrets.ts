import type { Plan } from '../../../model/plan.js';
import type { Authority } from '../../../activities/certificates/sign.js';
import type { WorkerKey } from './identity.js';
import type { SecretValue } from './secret-value.js';

/** Where sealed secrets are kept. */
export interface SecretRecords {
  /** Keeps what the run made; returns what was kept first. */
  keepRunSecret(run: string, name: string, sealed: Uint8Array): Promise<Uint8Array>;
  readRunSecret(run: string, name: string): Promise<Uint8Array | undefined>;
  /** A stored secret at the version of the plan. */
  readSealed(name: string, version: number): Promise<Uint8Array | undefined>;
}

/** Opened secrets, by the name they have in the runbook. */
export type SecretValues = ReadonlyMap<string, SecretValue<string | Authority>>;

export interface RunSecrets {
  /** Makes the secrets that the run itself brings; harmless when it is repeated, also by two workers at once. */
  prepareRunSecrets(run: string, plan: Plan): Promise<void>;
  /**
   * Opens the named secrets. Nothing of them is kept here.
   *
   * @throws Failed `secret/missing`
   */
  openSecrets(run: string, plan: Plan, names: readonly string[]): Promise<SecretValues>;
}

export function createRunSecrets(_records: SecretRecords, _key: WorkerKey, _now: () => Date): RunSecrets {
  throw new Error('not built yet');
}
