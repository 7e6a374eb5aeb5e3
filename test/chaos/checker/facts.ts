/**
 * What the checker goes by. It is written from `docs/guarantees.md` alone: it shares no code with what it judges, and
 * what it reads it reads by itself.
 */
export interface Facts {
  readonly ledger: readonly LedgerLine[];
  /** What the server of a directory has logged by itself, in its order. */
  readonly directory: readonly DirectoryChange[];
  readonly runs: readonly RunFacts[];
  readonly verbs: readonly VerbFacts[];
  readonly histories: readonly HistoryFacts[];
  /** What the API has answered for: runs and words. */
  readonly acknowledged: readonly { readonly what: 'run' | 'verb'; readonly id: string }[];
}

/** One line that a part of a task wrote on its host, when it began and when it had done its work. */
export interface LedgerLine {
  readonly host: string;
  /** Its place among the lines of its host. */
  readonly place: number;
  /** Seconds since 1970, by the host's clock. */
  readonly at: number;
  readonly run: string;
  readonly step: string;
  readonly part: string;
  readonly attempt: number;
  readonly moment: 'begin' | 'end';
}

/** One change of a directory, as its server has logged it. */
export interface DirectoryChange {
  readonly host: string;
  /** Its place among the changes of its host. */
  readonly place: number;
  /** Whole seconds since 1970, by the server's clock. */
  readonly at: number;
  /** Made by root of the server's own machine, and so by nobody of Belay. */
  readonly own: boolean;
  /** Values that it has put there. */
  readonly values: readonly string[];
}

export interface RunFacts {
  readonly run: string;
  /** Its input of that name, which its changes of a directory carry. */
  readonly mark?: string;
  readonly state: string;
  /** Seconds since 1970; absent while it is open. */
  readonly ended?: number;
  readonly lastEvent: number;
  readonly events: number;
  readonly undone: readonly { readonly undo: number; readonly ended?: number }[];
  readonly tasks: readonly TaskFacts[];
}

export interface TaskFacts {
  readonly step: string;
  readonly host: string;
  /** Phase, wave and place in the phase. */
  readonly order: readonly [number, number, number];
  readonly state: string;
  /** Whether a person has settled it by word. */
  readonly byWord: boolean;
  readonly repeatable: boolean;
  /** Whether its parts write into a ledger. */
  readonly noted: boolean;
  /** Whether it changes a directory. */
  readonly directory: boolean;
  readonly intents: readonly {
    readonly part: string;
    readonly undo: number;
    readonly attempt: number;
    readonly at: number;
  }[];
  readonly results: readonly { readonly attempt: number; readonly ending: string; readonly exit?: number }[];
}

export interface VerbFacts {
  readonly id: string;
  readonly run: string;
  readonly verb: string;
  readonly settled: boolean;
  readonly accepted: boolean;
}

/** What one workflow's history says of attempts, and whether it is over. */
export interface HistoryFacts {
  readonly workflow: string;
  readonly run: string;
  readonly status: string;
  readonly endings: readonly {
    readonly step: string;
    readonly host: string;
    readonly attempt: number;
    readonly ending: string;
  }[];
}

export const crimes = ['lost', 'phantom', 'doubled', 'out of order'] as const;
export type Crime = (typeof crimes)[number];

export interface Violation {
  readonly crime: Crime;
  readonly run: string;
  readonly evidence: string;
}
