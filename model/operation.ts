import type { TimeFormat } from './collect/time-of.js';
import type { Text, Value } from './value.js';

/** The five parts of every operation, in the order in which a task meets them. */
export const parts = ['check', 'capture', 'do', 'verify', 'undo'] as const;
export type Part = (typeof parts)[number];

/**
 * One POSIX-sh script: constant text, and data beside it. Values are never spliced into `text`.
 *
 * Every script runs as `sh FILE ARGUMENTS…` with a fixed PATH, locale and umask 077, in `/`, and finds in its
 * environment: `BELAY_TASK` (the task's root-only folder on the host), `BELAY_PRE` (the folder of the
 * pre-image, `$BELAY_TASK/pre`), `BELAY_PRE_IMAGE` (the line `capture` printed before the claim, if any),
 * `BELAY_STDIN_SHA256` (of the bytes that `do` reads on standard input; given to check, do and verify),
 * `BELAY_RESTART_OWED` (`1` where the operation's service owes a restart, else `0`), `BELAY_ATTEMPT`.
 *
 * Exit codes: check 0 = already so, 1 = not so, else the check failed (refused). capture 0, and one line on
 * standard output that names the present state (its *image*; equal lines mean equal states); with `BELAY_SAVE`
 * set it also saves there what undo and transform will need. do 0 = done, `refusal` = surely nothing happened,
 * else partial. verify 0 = so. undo 0 = restored.
 */
export interface Script {
  readonly text: string;
  /** Positional parameters. Anybody on the host can see them, so they never hold a secret. */
  readonly arguments?: readonly Text[];
  /** Readable on the host by root and the script's user alone. */
  readonly environment?: Readonly<Record<string, Text>>;
  readonly stdin?: Text | Bytes;
  /** The exit code by which `do` says that surely nothing happened. */
  readonly refusal?: number;
  /** The exit code by which `capture`, where it saves, says that it is so already; then there is no need to check before it. */
  readonly alreadySo?: number;
  /** Set where `verify` prints the image of what it has read, as `capture` would. */
  readonly printsImage?: true;
  /** The exit codes by which `do` says that it is done; 0 alone where absent. */
  readonly doneExits?: readonly number[];
}

/** The text of a script that is one program with its arguments. A runner starts that without a shell in between. */
export const runsArguments = 'exec "$@"\n';

/** Bytes that are not text: a file that lies beside the runbook. */
export interface Bytes {
  readonly base64: string;
}

/**
 * What the worker computes between capture and do. It reads the file `content` that capture saved, and its
 * result becomes the standard input of `do`. An unchanged result means "already so".
 */
export interface Transform {
  readonly name: string;
  readonly arguments: { readonly [name: string]: TransformArgument };
}
export type TransformArgument =
  Text | number | boolean | null | readonly TransformArgument[] | { readonly [name: string]: TransformArgument };

/**
 * A file of another host of the plan. It lies in `$BELAY_TASK/carried` when `do` begins, and the SHA-256 that it had
 * at its source is `BELAY_STDIN_SHA256`. It goes through the worker's memory in pieces.
 */
export interface Carried {
  readonly host: string;
  readonly path: Text;
}

/** Records that the worker reads out of files of the host, as far as they have grown since it read them last, and keeps. */
export interface CollectedLines {
  /** What the records are called, and found by. */
  readonly source: string;
  /** Paths with `*`, `?` and `[…]`, the files that were set aside among them. */
  readonly files: readonly Text[];
  /** RE2: a line in which it is found begins a record; every line does where absent. */
  readonly begins?: string;
  /** RE2: records in which it is not found are passed over; none is where absent. */
  readonly only?: string;
  readonly time: TimeFormat;
  /** RE2: what they match is masked, beside what always is. */
  readonly masks: readonly string[];
  /** Texts that are masked wherever they stand. */
  readonly hide: readonly Text[];
  readonly labels: Readonly<Record<string, Text>>;
  /** Seconds for which records are kept. */
  readonly keep: number;
  /** Bytes that are read by one step. */
  readonly most: number;
  /** Where files are begun that are there before the first step. */
  readonly from: 'beginning' | 'end';
}

/** Numbers that `do` prints: the time on its first line, in seconds since 1970, then one number a line. */
export interface CollectedValues extends Pick<CollectedLines, 'source' | 'labels' | 'keep'> {
  /** Seconds after which the next values are missed. */
  readonly every: number;
}

/** Bytes of the largest file that is carried. */
export const carriedLimit = 2 * 1024 ** 3;

/** What a step does on one host over SSH. */
export interface HostOperation {
  readonly on: 'host';
  readonly check?: Script;
  readonly capture?: Script;
  readonly transform?: Transform;
  /**
   * Prints what `transform` would be given, for a live plan, which captures nothing; 44 where there is nothing yet.
   * `path` is how that is called.
   */
  readonly shows?: Script & { readonly path: string };
  /** A file of another host that the worker carries to this one before `do`. */
  readonly carried?: Carried;
  /** Collected by the worker before `do`, whose standard input then says what that came to, as JSON. */
  readonly lines?: CollectedLines;
  readonly do: Script;
  /** Kept by the worker after `do`, from what it has printed. */
  readonly values?: CollectedValues;
  readonly verify?: Script;
  readonly undo?: Script;
  /** Restarts the operation's service where it runs now, verified; for when undo has put back what it depends on. */
  readonly restart?: Script;
  /** The service whose owed restarts this operation pays when it is verified. */
  readonly service?: string;
}

/** A directory and who asks it, over ldaps. */
export interface LdapServer {
  readonly url: Text;
  /** The IP address that is connected to, whatever the URL's name resolves to; the certificate must be for the name. */
  readonly address?: Text | undefined;
  /** PEM of the authority that must have signed the server's certificate. */
  readonly authority: Text;
  readonly bind: { readonly dn: Text; readonly password: Text };
}

/** One entry of a directory, brought to a state by one request that asserts what it replaces. */
export interface LdapOperation extends LdapServer {
  readonly on: 'ldap';
  /** The distinguished name. */
  readonly entry: Text;
  readonly change: LdapChange;
}

export type LdapChange =
  /** Values set inside JSON text inside one attribute. */
  | {
      readonly how: 'json';
      readonly attribute: string;
      readonly set: readonly { readonly pointer: string; readonly value: Text | Value }[];
    }
  /** `set`: exactly these values. `add`, `remove`: these are, or are not, among the values; others do not count. */
  | {
      readonly how: 'values';
      readonly set: LdapAttributes;
      readonly add: LdapAttributes;
      readonly remove: LdapAttributes;
    }
  /** The entry is there: each attribute with exactly these values, `objectClass` with at least these. */
  | { readonly how: 'present'; readonly attributes: LdapAttributes }
  | { readonly how: 'absent' }
  /** Definitions among those of a schema entry. */
  | { readonly how: 'schema'; readonly attributeTypes: readonly string[]; readonly objectClasses: readonly string[] }
  /** Nothing: entries are read. `where`: by attribute one of these values, or any. */
  | {
      readonly how: 'search';
      readonly scope: 'entry' | 'one' | 'subtree';
      readonly where: Readonly<Record<string, true | readonly Text[]>>;
      readonly attributes: readonly string[];
      /** Whether their number alone is wanted. */
      readonly count: boolean;
    }
  /** An entry below this one is written, seen on another server of the same directory, and removed again. */
  | { readonly how: 'marker'; readonly peer: LdapServer };

/** Values by attribute, as they are to be sent. */
export type LdapAttributes = Readonly<Record<string, readonly (Text | Bytes)[]>>;

/** One request over HTTP, sent by the worker; what it asks for is not repeated where its answer is lost. */
export interface HttpOperation {
  readonly on: 'http';
  /** PEM of the authority that must have signed the servers' certificates; those of the worker's Node.js where absent. */
  readonly authority?: Text;
  /** The address that is connected to, whatever the names in the URLs resolve to; names and certificates stay theirs. */
  readonly address?: Text;
  readonly request: HttpRequest;
  /** Statuses by which the server says that surely nothing happened. */
  readonly refused: readonly number[];
  /** A question (GET) whose expected answer means "it is so": asked before, afterwards, and where an answer is lost. */
  readonly check?: HttpRequest;
  /** Harmless when it is repeated. */
  readonly undo?: HttpRequest;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: Text;
  readonly headers: Readonly<Record<string, Text>>;
  readonly body?: Text;
  /** The body as JSON, with texts filled in. */
  readonly json?: TransformArgument;
  readonly expect: HttpExpectation;
}

/** What an answer must be like. */
export interface HttpExpectation {
  readonly status: readonly number[] | 'success';
  /** A text that its body must hold. */
  readonly contains?: Text;
  /** Values at JSON pointers in its body. */
  readonly json: Readonly<Record<string, Value>>;
}

/** Statements in one transaction of a PostgreSQL server, which the worker reaches through the step's host. */
export interface SqlOperation {
  readonly on: 'sql';
  /** As the host sees it. */
  readonly server: { readonly address: Text; readonly port: Text } | { readonly socket: Text };
  /** `none` on the host itself alone; else the authority (PEM) that must have signed the certificate, and its name. */
  readonly tls: 'none' | { readonly authority: Text; readonly name?: Text };
  readonly database: Text;
  readonly login: { readonly user: Text; readonly password?: Text };
  /** A question that gives one true value where it is so: asked before, and again before the transaction is committed. */
  readonly check?: SqlStatement;
  readonly statements: readonly SqlStatement[];
  readonly undo?: readonly SqlStatement[];
  /** Seconds. */
  readonly limits: { readonly statement: number; readonly lock: number };
}

export interface SqlStatement {
  /** Constant; values are parameters. */
  readonly text: string;
  readonly parameters: readonly SqlValue[];
  readonly expect: SqlExpectation;
}

/** As Postgres prints it. */
export type SqlValue = Text | null;

/** What one statement must have come to; anything else rolls the transaction back. */
export interface SqlExpectation {
  /** Rows that it changed, or gave. */
  readonly affected?: { readonly min: number; readonly max?: number };
  /** All rows that it gave, in their order. */
  readonly rows?: readonly (readonly SqlValue[])[];
}

/** Belay's own store of secrets. */
export interface SecretOperation {
  readonly on: 'secrets';
  /** The next value that is to become the current one: the secret alone. */
  readonly promote: Text;
}

/** A durable pause of the whole wave. */
export interface WaitOperation {
  readonly on: 'clock';
  readonly seconds: number;
}

/** Words for the people who follow the run. */
export interface NoteOperation {
  readonly on: 'record';
  readonly note: Text;
}

export type Operation =
  HostOperation | LdapOperation | HttpOperation | SqlOperation | SecretOperation | WaitOperation | NoteOperation;
