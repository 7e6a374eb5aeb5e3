import { Attribute, Change } from 'ldapts';
import { attributeKey } from '../../model/directory-name.js';
import { holds, type State, type Values, type View } from './entry-state.js';

/** One request that leads from one state of an entry to another, and fails where the first is not there. */
export type Request =
  | { readonly how: 'add'; readonly attributes: Attribute[] }
  | { readonly how: 'delete' }
  /** `replacing` does the same without naming old values; only with an assertion does it replace nothing else. */
  | { readonly how: 'modify'; readonly changes: Change[]; readonly replacing: Change[] };

/** The request that leads from `from` to `to`. */
export function requestOf(view: View, from: State, to: State): Request {
  if (to === 'absent') return { how: 'delete' };
  if (from !== 'absent')
    return { how: 'modify', changes: changesOf(view, from, to), replacing: replacing(view, from, to) };
  const attributes = view.map(({ name }) => new Attribute({ type: name, values: [...valuesOf(to, name)] }));
  return { how: 'add', attributes: attributes.filter(({ values }) => values.length > 0) };
}

/** Deleting exact old values asserts them on every server. */
function changesOf(view: View, from: Values, to: Values): Change[] {
  return view.flatMap(({ name }) => {
    const [before, after] = [valuesOf(from, name), valuesOf(to, name)];
    return [
      ...change(
        'delete',
        name,
        before.filter((value) => !holds(after, value)),
      ),
      ...change(
        'add',
        name,
        after.filter((value) => !holds(before, value)),
      ),
    ];
  });
}

/** Where an attribute has no equality rule, its values cannot be deleted one by one. */
function replacing(view: View, from: Values, to: Values): Change[] {
  return view.flatMap(({ name, whole }) => {
    if (!whole)
      return changesOf(
        view.filter((one) => one.name === name),
        from,
        to,
      );
    const [before, after] = [valuesOf(from, name), valuesOf(to, name)];
    const same = before.length === after.length && before.every((value) => holds(after, value));
    return same ? [] : change('replace', name, after, true);
  });
}

function valuesOf(state: Values, name: string): readonly Buffer[] {
  return state.get(attributeKey(name)) ?? [];
}

function change(
  operation: 'add' | 'delete' | 'replace',
  type: string,
  values: readonly Buffer[],
  even = false,
): Change[] {
  return values.length === 0 && !even
    ? []
    : [new Change({ operation, modification: new Attribute({ type, values: [...values] }) })];
}
