import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

interface Step {
  readonly id: string;
  readonly covers?: readonly string[];
  readonly proven_by?: readonly string[];
  readonly service?: { restart_after?: readonly string[] };
}

/** A copy of Gluu's runbooks without one step, and what is said of that step where it is. */
export interface Shortened {
  /** The copy; whoever has asked for it removes it. */
  readonly folder: string;
  /** What of the manuals the step is there for. */
  readonly covers: readonly string[];
  /** The checks that are said to prove it. */
  readonly cited: readonly string[];
}

/**
 * Copies the runbooks of Gluu, without one step of a fragment; services no longer restart after it.
 * @param fragment - its name, without the ending
 */
export function withoutStep(fragment: string, id: string): Shortened {
  const folder = mkdtempSync(join(tmpdir(), 'belay-without-'));
  cpSync('runbooks/gluu', folder, { recursive: true });
  const file = join(folder, 'parts', `${fragment}.yaml`);
  const whole = parse(readFileSync(file, 'utf8')) as { readonly steps: readonly Step[] };
  const left = whole.steps.find((step) => step.id === id);
  if (!left) throw new Error(`${fragment} has no step ${id}`);
  const steps = whole.steps.filter((step) => step !== left);
  for (const { service } of steps)
    if (service?.restart_after) service.restart_after = service.restart_after.filter((one) => one !== id);
  writeFileSync(file, stringify({ ...whole, steps }));
  return { folder, covers: left.covers ?? [], cited: left.proven_by ?? [] };
}
