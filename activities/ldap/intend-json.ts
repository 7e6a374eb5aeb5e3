import { attributeKey } from '../../model/directory-name.js';
import type { LdapChange } from '../../model/operation.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import { valueFrom } from '../../model/holes.js';
import type { Text, Value } from '../../model/value.js';
import type { Present } from './entry-state.js';
import type { Intended, Intending } from './intend.js';
import { failed } from './target.js';

type JsonChange = Extract<LdapChange, { how: 'json' }>;

/** The one value of an attribute, with places set inside its JSON; every other byte stays. */
export function intendJson(change: JsonChange, present: Present, about: Intending): Intended {
  const before = onlyValue(change, present, about);
  const intended = Buffer.from(computeJson(change, before, about), 'utf8');
  const key = attributeKey(change.attribute);
  return {
    view: [{ name: change.attribute, whole: true, known: [before, intended] }],
    before: new Map([[key, [before]]]),
    intended: new Map([[key, [intended]]]),
  };
}

/** @throws Failed where there is not exactly one value */
function onlyValue({ attribute }: JsonChange, present: Present, { tried }: Intending): Buffer {
  const values = present.values.get(attributeKey(attribute)) ?? [];
  const [value, ...more] = values;
  if (value && more.length === 0) return value;
  const known = !present.entry
    ? 'there is no such entry'
    : value
      ? `${attribute} has ${values.length} values, not one`
      : `the entry has no ${attribute}`;
  throw failed(
    'ldap/no-entry',
    tried,
    `${known}; nothing was changed`,
    'correct entry and attribute, and see what the login may read',
  );
}

/**
 * The value as it shall be.
 *
 * @throws Failed where the value is no JSON, or the pointers do not fit it
 */
export function computeJson(
  { set }: JsonChange,
  before: Buffer,
  { needs, values, tried }: Pick<Intending, 'needs' | 'values' | 'tried'>,
): string {
  const text = before.toString('utf8');
  const next = 'correct the runbook or the entry, then retry';
  if (!Buffer.from(text, 'utf8').equals(before))
    throw failed('step/transform-failed', tried, 'the value is no text; nothing was changed', next);
  try {
    return needs.setInJson(
      text,
      set.map(({ pointer, value }) => ({ pointer, value: filled(value, values) })),
    );
  } catch (error) {
    // Only the transform's own errors are known to hold no part of the value.
    const why = error instanceof Error && error.name === 'JsonTextError' ? error.message : 'the value cannot be set';
    throw failed('step/transform-failed', tried, `${why}; nothing was changed`, next);
  }
}

function filled(value: Text | Value, values: AwayValues): Value {
  return isTemplate(value) ? valueFrom(value, values) : (value as Value);
}

export function isTemplate(value: Text | Value): value is Exclude<Text, string> {
  return typeof value === 'object' && value !== null && 'template' in value && Array.isArray(value.template);
}
