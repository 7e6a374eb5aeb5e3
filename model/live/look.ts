/**
 * What one step would do on one host now. `already_so`: nothing. `would_change`: its check says so. `would_run`: it
 * has no check, so it runs and nobody knows before what it changes. `skipped`: its `when` does not hold. `not_known`:
 * it reads what earlier steps register or make. `refused`: it would be refused as things stand. `unreachable`.
 */
export const lookStates = [
  'already_so',
  'would_change',
  'would_run',
  'skipped',
  'not_known',
  'refused',
  'unreachable',
] as const;
export type LookState = (typeof lookStates)[number];

/** One line of a live plan. Holds no secret. */
export interface Look {
  readonly step: string;
  readonly host: string;
  readonly state: LookState;
  /** One line: what the check said, or why nothing can be said. */
  readonly because?: string;
  /** With `not_known`: the steps that must have run before. */
  readonly before?: readonly string[];
  /** What would become otherwise, as a unified diff with secrets masked. */
  readonly diff?: string;
}

/** Looks in the order in which they are shown and hashed. */
export function inOrder(looks: readonly Look[]): Look[] {
  const key = ({ step, host }: Look): string => `${step}\0${host}`;
  return [...looks].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/**
 * What of a live plan was approved: what would be done, and the difference it would make. Why a host does not answer
 * is no part of it; that it does not is.
 */
export function approvedPart(looks: readonly Look[]): unknown {
  return inOrder(looks).map(({ step, host, state, before, diff, because }) => ({
    step,
    host,
    state,
    ...(before === undefined ? {} : { before }),
    ...(diff === undefined ? {} : { diff }),
    ...(state === 'would_change' && because !== undefined ? { because } : {}),
  }));
}

/** What is otherwise in a second live plan, in words; at most three of it by name. */
export function otherwise(approved: readonly Look[], now: readonly Look[]): string {
  const named = ({ step, host }: Look): string => `${step} on ${host}`;
  const was = new Map(approved.map((look) => [named(look), look]));
  const changed = inOrder(now).flatMap((look) => {
    const before = was.get(named(look));
    if (before && JSON.stringify(approvedPart([before])) === JSON.stringify(approvedPart([look]))) return [];
    if (before?.state === look.state) return [`${named(look)} would change something else`];
    return [`${named(look)} was ${stateWords[before?.state ?? 'not_known']} and is ${stateWords[look.state]} now`];
  });
  const seen = new Set(now.map(named));
  const gone = inOrder(approved).flatMap((look) =>
    seen.has(named(look)) ? [] : [`${named(look)} was ${stateWords[look.state]} and is not looked at now`],
  );
  const all = [...changed, ...gone];
  return [...all.slice(0, 3), ...(all.length > 3 ? [`and ${all.length - 3} more`] : [])].join('; ');
}

export const stateWords: Readonly<Record<LookState, string>> = {
  already_so: 'already so',
  would_change: 'would change',
  would_run: 'would run',
  skipped: 'skipped',
  not_known: 'not known',
  refused: 'would be refused',
  unreachable: 'unreachable',
};
