import { attributeKey } from '../../model/directory-name.js';
import type { Bytes, LdapAttributes, LdapChange } from '../../model/operation.js';
import { maskJson, readPointer } from '../../model/transforms/json-text.js';
import { holdsSecret, type Text, type Value } from '../../model/value.js';
import type { State } from './entry-state.js';
import type { Intended } from './intend.js';
import { isTemplate } from './intend-json.js';
import type { Target } from './target.js';

/** Hides secrets in a text. */
export interface Masking {
  masked(text: string, secrets: readonly string[]): string;
}

/** One hunk a pointer. Of a value that a secret goes into, neither is shown: what was there may be an older secret. */
export function jsonDifference(
  needs: Masking,
  target: Target,
  { attribute, set }: Extract<LdapChange, { how: 'json' }>,
  secrets: readonly string[],
  before: Buffer,
  after: Buffer,
): string {
  const texts = [before, after].map((one) => one.toString('utf8')) as [string, string];
  const hunks = [...new Set(set.map(({ pointer }) => pointer))].flatMap((pointer) => {
    const hidden = set.some((one) => one.pointer === pointer && isTemplate(one.value) && holdsSecret(one.value));
    const lines = pointer.endsWith('/-')
      ? appended(pointer.slice(0, -2), texts, hidden)
      : exchanged(pointer, texts, hidden);
    return lines.length === 0 ? [] : [`@@ ${pointer} @@`, ...lines];
  });
  return page(needs, `${attribute} of ${target.entry} at ${target.url}`, hunks, secrets);
}

function exchanged(pointer: string, [before, after]: readonly [string, string], hidden: boolean): string[] {
  const [was, is] = [readPointer(before, pointer), readPointer(after, pointer)];
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  const name = pointer.split('/').at(-1) ?? '';
  const old = was === undefined ? [] : [`-${shown(was, name, hidden)}`];
  return [...old, `+${shown(is ?? null, name, hidden)}`];
}

/** What the list at `pointer` has got at its end. */
function appended(pointer: string, texts: readonly [string, string], hidden: boolean): string[] {
  const [was, is] = texts.map((text) => readPointer(text, pointer)).map((list) => (Array.isArray(list) ? list : []));
  const name = pointer.split('/').at(-1) ?? '';
  return (is ?? []).slice(was?.length).map((item: Value) => `+${shown(item, name, hidden)}`);
}

/** One hunk an attribute that would become otherwise. */
export function stateDifference(
  needs: Masking,
  target: Target,
  change: LdapChange,
  secrets: readonly string[],
  { view, before, intended }: Intended,
): string {
  const secretOnes = withSecrets(change);
  const hunks = view.flatMap(({ name }) => {
    const hidden = secretOnes.includes(attributeKey(name));
    const [was, is] = [before, intended].map((state) => valuesOf(state, name).map((one) => told(one, name, hidden)));
    const gone = (was ?? []).filter((one) => hidden || !is?.includes(one)).map((one) => `-${one}`);
    const come = (is ?? []).filter((one) => hidden || !was?.includes(one)).map((one) => `+${one}`);
    return gone.length + come.length === 0 ? [] : [`@@ ${name} @@`, ...gone, ...come];
  });
  return page(needs, `${target.entry} at ${target.url}`, hunks, secrets);
}

function page(needs: Masking, name: string, hunks: readonly string[], secrets: readonly string[]): string {
  return needs.masked([`--- ${name}`, `+++ ${name}`, ...hunks].map((line) => `${line}\n`).join(''), secrets);
}

function valuesOf(state: State, name: string): readonly Buffer[] {
  return state === 'absent' ? [] : (state.get(attributeKey(name)) ?? []);
}

/** Attributes of which a secret becomes a value. */
function withSecrets(change: LdapChange): string[] {
  const parts: LdapAttributes[] =
    change.how === 'values'
      ? [change.set, change.add, change.remove]
      : change.how === 'present'
        ? [change.attributes]
        : [];
  const secret = (value: Text | Bytes): boolean =>
    !(typeof value === 'object' && 'base64' in value) && holdsSecret(value);
  return parts
    .flatMap((part) => Object.entries(part))
    .flatMap(([name, all]) => (all.some(secret) ? [attributeKey(name)] : []));
}

function told(value: Buffer, name: string, hidden: boolean): string {
  const text = value.toString('utf8');
  const plain = Buffer.from(text, 'utf8').equals(value) && !text.includes('\0');
  return shown(plain ? text : `(${value.length} bytes that are no text)`, name, hidden);
}

/** A value as it may be shown: those whose names speak of a secret are masked. */
function shown(value: Value, name: string, hidden: boolean): string {
  if (hidden) return '(not shown: a secret goes here)';
  return maskJson(JSON.stringify({ [name]: value })).slice(JSON.stringify(name).length + 2, -1);
}
