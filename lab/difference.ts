/** One thing of a host that is otherwise than it was. */
export interface Difference {
  readonly host: string;
  readonly kind: 'file' | 'process' | 'port';
  readonly change: 'added' | 'changed' | 'removed';
  /** An absolute path, a command line with its user, or `tcp 0.0.0.0:22`. */
  readonly subject: string;
  /** What of it changed: `mode 644 → 600`, `content`, `owner 0:0 → 0:5`. */
  readonly detail: string;
}

/** A difference that is not held against anybody, and why. */
export interface Allowance {
  readonly kind: Difference['kind'];
  /** Compared with the whole subject; `*` stands for any characters but `/`. */
  readonly pattern: string;
  readonly change: Difference['change'];
  readonly reason: string;
}

export interface Comparison {
  /** What differs and is not allowed. */
  readonly differences: readonly Difference[];
  readonly allowed: readonly { readonly allowance: Allowance; readonly matches: number }[];
  /** Allowances that matched nothing. */
  readonly unused: readonly Allowance[];
}
