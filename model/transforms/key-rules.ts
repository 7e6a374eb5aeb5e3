/** What a file of keys and values shall hold. Several values of one key become several lines, in that order. */
export interface KeyRules {
  readonly set: Readonly<Record<string, readonly string[]>>;
  readonly unset: readonly string[];
}
