import { RE2JS } from 're2js';

/** Why a pattern cannot be used; undefined where it can. */
export function patternTrouble(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'it is no RE2 pattern';
  }
}

/** True where the RE2 pattern is found somewhere in `text`. */
export function finds(pattern: string, text: string): boolean {
  return RE2JS.compile(pattern).matcher(text).find();
}
