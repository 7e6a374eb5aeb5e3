import { createHmac, randomBytes } from 'node:crypto';
import type { LdapNeeds } from './needs.js';

/** What a task found and what it leaves, kept sealed: both values may hold secrets. */
export interface LdapChange {
  readonly url: string;
  readonly entry: string;
  readonly attribute: string;
  readonly before: Buffer;
  readonly intended: Buffer;
  /** Keys the images, so that nobody can try values against what is shown of them. */
  readonly imageKey: Buffer;
}

interface Written {
  readonly format: 1;
  readonly url: string;
  readonly entry: string;
  readonly attribute: string;
  readonly before: string;
  readonly intended: string;
  readonly imageKey: string;
}

export function newChange(
  place: { url: string; entry: string; attribute: string },
  before: Buffer,
  intended: Buffer,
): LdapChange {
  const { url, entry, attribute } = place;
  return { url, entry, attribute, before, intended, imageKey: randomBytes(32) };
}

export async function sealChange(needs: Pick<LdapNeeds, 'seal'>, change: LdapChange): Promise<Uint8Array> {
  const { url, entry, attribute, before, intended, imageKey } = change;
  const coded = {
    before: before.toString('base64'),
    intended: intended.toString('base64'),
    imageKey: imageKey.toString('base64'),
  };
  const written: Written = { format: 1, url, entry, attribute, ...coded };
  return needs.seal(Buffer.from(JSON.stringify(written), 'utf8'));
}

export async function openChange(needs: Pick<LdapNeeds, 'open'>, sealed: Uint8Array): Promise<LdapChange> {
  const written = JSON.parse(Buffer.from(await needs.open(sealed)).toString('utf8')) as Written;
  if (written.format !== 1)
    throw new Error(`a sealed change has format ${String(written.format)}, which this version does not know`);
  const bytes = (coded: string): Buffer => Buffer.from(coded, 'base64');
  return {
    ...written,
    before: bytes(written.before),
    intended: bytes(written.intended),
    imageKey: bytes(written.imageKey),
  };
}

/** Names a value without telling it. Equal within one task for equal values. */
export function imageOf(change: LdapChange, value: Buffer): string {
  return `hmac-sha256:${createHmac('sha256', change.imageKey).update(value).digest('hex')}`;
}
