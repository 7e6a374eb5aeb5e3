import { closest, distance } from 'fastest-levenshtein';

/** Advice for a name that is not known: the one that was probably meant, or those there are. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const best = closest(word, known);
  const near =
    distance(word.toLowerCase(), best.toLowerCase()) <= Math.max(1, Math.floor(Math.min(word.length, best.length) / 2));
  if (near) return `did you mean "${best}"?`;
  const some = [...new Set(known)].sort().slice(0, 15).join(', ');
  return `known here: ${some}${known.length > 15 ? ', …' : ''}`;
}
