import picocolors from 'picocolors';
import type { World } from './world.js';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours where a terminal reads them and nobody asked for none (`NO_COLOR`, `--no-color`, `TERM=dumb`). */
export function colours(world: World, asked: boolean): Colours {
  const { NO_COLOR, TERM } = world.environment;
  const wanted = asked && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
  return picocolors.createColors(wanted && world.out.isTTY === true);
}
