/**
 * A task's name in its host's journal. A task that has gone back and is done again is another one there, with claims
 * and a pre-image of its own: each turn but the first adds its number.
 */
export function nameOnHost(run: string, step: string, turn = 0): string {
  return turn === 0 ? `${run}.${step}` : `${run}.${step}.${turn}`;
}
