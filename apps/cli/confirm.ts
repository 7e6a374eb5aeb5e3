import { createInterface } from 'node:readline/promises';
import { exitCodes } from './exit-codes.js';
import { Stop, usage } from './stop.js';
import type { World } from './world.js';

/**
 * Asks the person in front of the terminal; only `y` or `yes` means yes.
 *
 * @param yes - `--yes` was given: nobody is asked
 * @throws Stop where nobody can be asked, or the answer was not yes
 */
export async function confirm(world: World, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (world.in.isTTY !== true) throw usage('nobody can be asked here; read what is shown and give --yes');
  // Not a terminal for readline: the real one then keeps its line editing and its Ctrl-C.
  const lines = createInterface({ input: world.in, output: world.err, terminal: false });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: world.interrupted });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch {
    throw new Stop('interrupted; nothing was done', exitCodes.detached);
  } finally {
    lines.close();
  }
  throw new Stop('not confirmed; nothing was done');
}
