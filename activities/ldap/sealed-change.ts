import { createHmac, randomBytes } from 'node:crypto';
import { attributeKey } from '../../model/directory-name.js';
import type { State, View } from './entry-state.js';
import type { Intended } from './intend.js';
import type { LdapNeeds } from './needs.js';

/** What a task found and what it leaves, kept sealed: values may be secrets. */
export interface SealedChange extends Omit<Intended, 'entry'> {
  readonly url: string;
  readonly entry: string;
  /** Keys the images, so that nobody can try values against what is shown of them. */
  readonly imageKey: Buffer;
}

type WrittenState = 'absent' | Readonly<Record<string, readonly string[]>>;

interface Written {
  readonly format: 2;
  readonly url: string;
  readonly entry: string;
  readonly view: readonly {
    readonly name: string;
    readonly whole: boolean;
    readonly known: readonly string[];
    readonly definitions?: true;
  }[];
  readonly before: WrittenState;
  readonly intended: WrittenState;
  readonly imageKey: string;
}

/** Of before there were steps that change more than one value of one attribute. */
interface WrittenFirst {
  readonly format: 1;
  readonly url: string;
  readonly entry: string;
  readonly attribute: string;
  readonly before: string;
  readonly intended: string;
  readonly imageKey: string;
}

export function newChange({ url, entry }: { url: string; entry: string }, intended: Intended): SealedChange {
  const { view, before, intended: after } = intended;
  return { url, entry, view, before, intended: after, imageKey: randomBytes(32) };
}

export async function sealChange(needs: Pick<LdapNeeds, 'seal'>, change: SealedChange): Promise<Uint8Array> {
  const { url, entry, view, before, intended, imageKey } = change;
  const written: Written = {
    format: 2,
    url,
    entry,
    view: view.map((one) => ({ ...one, known: one.known.map(coded) })),
    before: writtenState(before),
    intended: writtenState(intended),
    imageKey: coded(imageKey),
  };
  return needs.seal(Buffer.from(JSON.stringify(written), 'utf8'));
}

export async function openChange(needs: Pick<LdapNeeds, 'open'>, sealed: Uint8Array): Promise<SealedChange> {
  const written = JSON.parse(Buffer.from(await needs.open(sealed)).toString('utf8')) as Written | WrittenFirst;
  switch (written.format) {
    case 1:
      return openFirst(written);
    case 2:
      return {
        ...written,
        view: written.view.map((one) => ({ ...one, known: one.known.map(bytes) })),
        before: readState(written.before),
        intended: readState(written.intended),
        imageKey: bytes(written.imageKey),
      };
    default:
      throw new Error('a sealed change has a format that this version does not know');
  }
}

function openFirst({ url, entry, attribute, before, intended, imageKey }: WrittenFirst): SealedChange {
  const [old, later] = [bytes(before), bytes(intended)];
  const stateOf = (value: Buffer): State => new Map([[attributeKey(attribute), [value]]]);
  const view: View = [{ name: attribute, whole: true, known: [old, later] }];
  return { url, entry, view, before: stateOf(old), intended: stateOf(later), imageKey: bytes(imageKey) };
}

/** Names a state without telling it. Equal within one task for equal states. */
export function imageOf({ imageKey }: SealedChange, state: State): string {
  const written = writtenState(state);
  const sorted =
    written === 'absent' ? written : Object.entries(written).map(([key, values]) => [key, values.toSorted()] as const);
  const text = JSON.stringify(sorted === 'absent' ? sorted : sorted.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `hmac-sha256:${createHmac('sha256', imageKey).update(text).digest('hex')}`;
}

function writtenState(state: State): WrittenState {
  if (state === 'absent') return state;
  return Object.fromEntries([...state].map(([key, values]) => [key, values.map(coded)]));
}

function readState(state: WrittenState): State {
  if (state === 'absent') return state;
  return new Map(Object.entries(state).map(([key, values]) => [key, values.map(bytes)]));
}

function coded(value: Buffer): string {
  return value.toString('base64');
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
