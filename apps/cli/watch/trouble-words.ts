import type { Trouble } from '../../../model/record.js';
import { visible } from '../visible.js';

/** What keeps a run from going on, in one line. */
export function troubleWords({ step, since, because }: Trouble): string {
  const what = step === undefined ? '' : ` step ${step}`;
  return visible(`trying${what} again since ${since.slice(11, 19)} because ${because}`);
}
