import type { EntityManager } from 'typeorm';
import type { Database } from './connect.js';
import { rows, transaction } from './query.js';
import { NextSecretWaits, NoNextSecret } from './refusals.js';
import { insertVersion, lockSecret, readHead, readSealed, type SecretHead } from './secrets.js';
import { runSecretsTable } from './tables/secrets.js';
import { appendAudit, systemChain } from './write-audit.js';

/**
 * Keeps a sealed value as the next one of a secret; the current one stays current.
 *
 * @throws NoNextSecret where nothing is stored that it could follow; NextSecretWaits
 */
export async function storeNextSecret(db: Database, name: string, sealed: Uint8Array, by: string): Promise<number> {
  return changing(db, name, async (manager, head) => {
    if (!head) throw new NoNextSecret(name, 'is not stored, so there is nothing that another value could follow');
    if (head.next !== undefined) throw new NextSecretWaits(name, head.next);
    return insertNext(manager, name, sealed, by);
  });
}

/**
 * Has the next value of a secret wait no longer. What was stored of it stays, for runs that have taken it.
 *
 * @returns its version
 * @throws NoNextSecret
 */
export async function abandonNextSecret(db: Database, name: string, by: string): Promise<number> {
  return changing(db, name, async (manager, head) => {
    if (head?.next === undefined) throw new NoNextSecret(name, 'has no next value');
    await rows(manager, 'update secret_heads set next = null where name = $1', [name]);
    await appendAudit(manager, systemChain, [{ kind: 'secret-abandoned', by, data: { name, version: head.next } }]);
    return head.next;
  });
}

/** A next value as a plan means it: of which secret, and the version that was current when it was planned. */
export interface Succession {
  readonly stored: string;
  readonly after: number;
}

/**
 * Has a run take the next value of a secret, once: the one that waits, or else this one, which waits from then on.
 * Nothing is taken where another version is current than the plan knows.
 */
export async function takeNextSecret(
  db: Database,
  run: string,
  name: string,
  { stored, after }: Succession,
  made: Uint8Array,
): Promise<void> {
  await changing(db, stored, async (manager, head) => {
    if (head?.version !== after || (await taken(manager, run, name)) !== undefined) return;
    const version = head.next ?? (await insertNext(manager, stored, made, run));
    const sealed = await readSealed(manager, stored, version);
    await rows(manager, 'insert into run_secrets (run, name, sealed, version) values ($1, $2, $3, $4)', [
      run,
      name,
      Buffer.from(sealed!),
      version,
    ]);
  });
}

/** Where a secret stands, seen from a run that has taken its next value. */
export interface Promotion extends SecretHead {
  /** The version that the run has taken; absent where it has taken none. */
  readonly taken?: number;
}

export async function readPromotion(
  reach: Database | EntityManager,
  run: string,
  name: string,
  stored: string,
): Promise<Promotion | undefined> {
  const head = await readHead(reach, stored);
  const version = await taken(reach, run, name);
  return head && { ...head, ...(version !== undefined && { taken: version }) };
}

/**
 * Makes the next value that a run has taken the current one, if it still waits behind the version of the plan. What
 * became of it is read from the store.
 */
export async function promoteSecret(db: Database, run: string, name: string, succession: Succession): Promise<void> {
  const { stored, after } = succession;
  await changing(db, stored, async (manager, head) => {
    const version = await taken(manager, run, name);
    if (version === undefined || head?.next !== version || head.version !== after) return;
    await moveHead(manager, stored, { version, run });
    const data = { name: stored, version, run };
    await appendAudit(manager, systemChain, [{ kind: 'secret-promoted', by: 'belay', data }]);
  });
}

/**
 * Makes the former value current again, if the present one is what this run made current; that one waits again, unless
 * another one does. Where a later run has gone back to the present one, the store does not say any more who made it current:
 * then the run that has taken it may give it back.
 */
export async function giveBackSecret(db: Database, run: string, name: string, succession: Succession): Promise<void> {
  const { stored, after } = succession;
  await changing(db, stored, async (manager, head) => {
    const version = await taken(manager, run, name);
    if (version === undefined || head?.version !== version || (head.run ?? run) !== run) return;
    await moveHead(manager, stored, { version: after, next: head.next ?? version });
    const data = { name: stored, version: after, run };
    await appendAudit(manager, systemChain, [{ kind: 'secret-given-back', by: 'belay', data }]);
  });
}

async function moveHead(manager: EntityManager, name: string, { version, next, run }: SecretHead): Promise<void> {
  await rows(manager, 'update secret_heads set version = $2, next = $3, run = $4 where name = $1', [
    name,
    version,
    next ?? null,
    run ?? null,
  ]);
}

async function changing<T>(
  db: Database,
  name: string,
  work: (manager: EntityManager, head: SecretHead | undefined) => Promise<T>,
): Promise<T> {
  return transaction(db, async (manager) => {
    await lockSecret(manager, name);
    return work(manager, await readHead(manager, name));
  });
}

async function insertNext(manager: EntityManager, name: string, sealed: Uint8Array, by: string): Promise<number> {
  const version = await insertVersion(manager, name, sealed, by);
  await rows(manager, 'update secret_heads set next = $2 where name = $1', [name, version]);
  await appendAudit(manager, systemChain, [{ kind: 'secret-stored', by, data: { name, version, next: true } }]);
  return version;
}

async function taken(reach: Database | EntityManager, run: string, name: string): Promise<number | undefined> {
  const found = await reach.getRepository(runSecretsTable).findOneBy({ run, name });
  return found?.version ?? undefined;
}
