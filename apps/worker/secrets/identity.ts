/** The worker's age key pair. */
export interface WorkerKey {
  /** `age1…`, public: what secrets are sealed to. */
  readonly recipient: string;
  seal(value: Uint8Array): Promise<Uint8Array>;
  /** @throws Error where the value was sealed to another key, or was changed */
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/**
 * The worker's key from `<data>/worker-key` (0600), made at the first start. The public key is written beside it,
 * to `<data>/worker-key.pub` (0644), for the API to hand out.
 *
 * @throws Error where others could read the key, or where it is none
 */
export async function openWorkerKey(_data: string): Promise<WorkerKey> {
  throw new Error('not built yet');
}
