import { readFileSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runs, type ProcessIdentity } from './process-identity.js';
import type { Say } from './say.js';
import { waitUntil } from './wait-until.js';

const identity = z.object({ pid: z.int().positive(), startTime: z.string(), bootId: z.string() });
const recorded = z.record(z.string(), identity);
type Recorded = Record<string, ProcessIdentity>;

/** In which a killed supervisor's children are ended: first who uses the others. */
const order = ['worker', 'api', 'temporal', 'postgres'];
/** Postgres ends at once and in good order on SIGINT; SIGTERM would wait for its clients. */
const signalFor = (name: string): NodeJS.Signals => (name === 'postgres' ? 'SIGINT' : 'SIGTERM');

/**
 * Remembers on disk which processes belong to a data folder, for the start after a crash. A disk that is full must not
 * end the supervisor, of all processes: what could not be written is said, and written with the next change.
 */
export class ChildrenRecord {
  readonly #file: string;
  readonly #children: Recorded = {};

  constructor(
    data: string,
    private readonly say: Say,
  ) {
    this.#file = join(data, 'children.json');
  }

  note(name: string, process: ProcessIdentity | undefined): void {
    if (process === undefined) delete this.#children[name];
    else this.#children[name] = process;
    try {
      this.#write();
    } catch (error) {
      this.say(
        `${this.#file} cannot be written (${String(error)}); if this process is killed now, the next one will not know ${name}`,
      );
    }
  }

  #write(): void {
    if (Object.keys(this.#children).length === 0) return rmSync(this.#file, { force: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#children), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/**
 * Ends what a killed supervisor left running. Ended and started anew, not adopted: a child of ours must die with a
 * message, be restarted and write to a log, and another's child cannot be waited for.
 */
export async function endLeftovers(data: string, say: Say): Promise<void> {
  const left = readRecorded(join(data, 'children.json'));
  for (const name of order) {
    const process = left[name];
    if (process === undefined || !runs(process)) continue;
    say(`ending ${name} (process ${String(process.pid)}), left by a \`belay up\` that was killed`);
    signal(process, signalFor(name));
    if (await waitUntil(() => !runs(process), 10)) continue;
    signal(process, 'SIGKILL');
    await waitUntil(() => !runs(process), 5);
  }
  rmSync(join(data, 'children.json'), { force: true });
  rmSync(join(data, 'up.json'), { force: true });
}

function signal(to: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (runs(to)) process.kill(to.pid, name);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readRecorded(file: string): Recorded {
  try {
    const read = recorded.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? read.data : {};
  } catch {
    return {};
  }
}
