/** One change of the tables. Once it has been released it is never edited: a correction is another one. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** SQL, run in one transaction. */
  readonly up: string;
}
