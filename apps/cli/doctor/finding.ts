/**
 * What one examination found. `wrong`: Belay does not work like this. `advice`: it works, but something that not
 * everybody needs will not.
 */
export interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'advice' | 'wrong';
  readonly found: string;
  /** How to put it right. */
  readonly remedy?: string;
}

/** One thing to look at. */
export type Examination = (variables: NodeJS.ProcessEnv) => Promise<Finding> | Finding;

export const ok = (about: string, found: string): Finding => ({ about, state: 'ok', found });
export const wrong = (about: string, found: string, remedy: string): Finding => ({
  about,
  state: 'wrong',
  found,
  remedy,
});
export const advice = (about: string, found: string, remedy: string): Finding => ({
  about,
  state: 'advice',
  found,
  remedy,
});
