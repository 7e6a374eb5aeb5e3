import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { carryThrough, type Carried } from './carry-through.js';
import { changes, failures } from './gluu-world.js';

type Inputs = Readonly<Record<string, unknown>>;

/** Hosts of a lab, with Belay before them, for tests of one runbook. */
export interface RunbookLab {
  readonly lab: Lab;
  readonly belay: Belay;
  /** See {@link inShell}. */
  on(host: string, script: string): Promise<string>;
  /** Runs the runbook to its end, with every approval that it asks for; see {@link carryThrough}. */
  through(inputs?: Inputs, inventory?: string): Promise<Carried>;
  /** Runs the runbook where it must fail: which steps did, `step@host`, and what was changed all the same. */
  refused(inputs?: Inputs, inventory?: string): Promise<{ readonly failed: string[]; readonly changed: string[] }>;
  /** Stops Belay, and removes the hosts. */
  end(): Promise<void>;
}

/** Runs a script as root of a host; gives what it wrote, trimmed. @throws Error where it did not end well */
export async function inShell(lab: Lab, host: string, script: string): Promise<string> {
  const { stdout, stderr, code } = await lab.exec(host, ['sh', '-euc', script]);
  if (code !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout.trim();
}

/**
 * Makes a lab and starts Belay.
 *
 * @param runbook - its document, from the folder of the project
 * @param asked - inputs of all its runs; those of one run come before them
 */
export async function runbookLab(
  what: Parameters<typeof labUp>[0],
  runbook: string,
  asked: Inputs = {},
): Promise<RunbookLab> {
  const lab = await labUp(what);
  const belay = await startBelay(lab);
  return {
    lab,
    belay,
    on: async (host, script) => inShell(lab, host, script),
    through: async (inputs, inventory) => carryThrough(belay, runbook, { ...asked, ...inputs }, inventory),
    async refused(inputs, inventory) {
      const { hash, plan } = await belay.plan(runbook, { ...asked, ...inputs }, inventory);
      const run = await belay.start(hash);
      await belay.until(run, ['failed'], 120);
      return { failed: await failures(belay, run), changed: await changes(belay, run, plan) };
    },
    async end() {
      await belay.stop();
      await labDown(lab.name);
    },
  };
}
