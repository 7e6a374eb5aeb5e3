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

/** {@link finds} for many texts. */
export function finder(pattern: string): (text: string) => boolean {
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matcher(text).find();
}

/** Puts `by`, as it stands, in the place of every match of the RE2 pattern. */
export function replacing(pattern: string, by: string): (text: string) => string {
  const compiled = RE2JS.compile(pattern);
  const literal = RE2JS.quoteReplacement(by);
  return (text) => compiled.matcher(text).replaceAll(literal);
}
