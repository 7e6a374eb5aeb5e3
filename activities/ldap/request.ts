import { Attribute, Change } from 'ldapts';
import { attributeKey } from '../../model/directory-name.js';
import { holds, storedDefinition, type Present, type State, type Values, type View } from './entry-state.js';

/** One request that leads from one state of an entry to another, and fails where the first is not there. */
export type Request =
  | { readonly how: 'add'; readonly attributes: Attribute[] }
  | { readonly how: 'delete' }
  /** `replacing` does the same without naming old values; only with an assertion does it replace nothing else. */
  | {
      readonly how: 'modify';
      readonly changes: Change[];
      readonly replacing: Change[];
      /** Of a schema. */
      readonly definitions: boolean;
    };

/** The request that leads from `from` to `to`. */
export function requestOf(view: View, from: State, to: State, { values: stored }: Pick<Present, 'values'>): Request {
  if (to === 'absent') return { how: 'delete' };
  if (from !== 'absent')
    return {
      how: 'modify',
      changes: changesOf(view, from, to, stored),
      replacing: replacing(view, from, to),
      definitions: view.some((one) => one.definitions),
    };
  const attributes = view.map(({ name }) => new Attribute({ type: name, values: [...valuesOf(to, name)] }));
  return { how: 'add', attributes: attributes.filter(({ values }) => values.length > 0) };
}

/** Deleting exact old values asserts them on every server. What needs others goes before them, and comes after. */
function changesOf(view: View, from: Values, to: Values, stored: Values): Change[] {
  const gone = view.toReversed().flatMap(({ name, definitions }) => {
    const values = valuesOf(from, name).filter((value) => !holds(valuesOf(to, name), value));
    const spelled = (value: Buffer): Buffer => storedDefinition(value, valuesOf(stored, name)) ?? value;
    return change('delete', name, definitions ? values.toReversed().map(spelled) : values);
  });
  const come = view.flatMap(({ name }) =>
    change(
      'add',
      name,
      valuesOf(to, name).filter((value) => !holds(valuesOf(from, name), value)),
    ),
  );
  return [...gone, ...come];
}

/** Where an attribute has no equality rule, its values cannot be deleted one by one. */
function replacing(view: View, from: Values, to: Values): Change[] {
  return view.flatMap(({ name, whole }) => {
    if (!whole)
      return changesOf(
        view.filter((one) => one.name === name),
        from,
        to,
        new Map(),
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
