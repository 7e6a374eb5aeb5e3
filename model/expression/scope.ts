import type { Value } from '../value.js';

type Named = Readonly<Record<string, Value>>;

/** What an expression can name. Absent parts are empty: naming something in them fails. */
export interface Scope {
  readonly param?: Named;
  /** The host's name, address, inventory values and, in a run, its facts. */
  readonly host?: Named;
  /** For each declared group, its hosts in order: name, address and values. */
  readonly groups?: Readonly<Record<string, readonly Named[]>>;
  /** Registered values by step id. */
  readonly steps?: Readonly<Record<string, Named>>;
  /** By step id, what each host registered; made only where an expression asks for it, since it may be much. */
  readonly every?: () => Readonly<Record<string, readonly Named[]>>;
  /** In a step that is repeated: the entry and its number, from 0. */
  readonly each?: Named;
  /** Text for a stored or generated secret; `certificate` and `key` for a certificate authority. */
  readonly secret?: Readonly<Record<string, string | { readonly certificate: string; readonly key: string }>>;
}
