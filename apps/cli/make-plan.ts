import type { PlanAnswer } from '../../model/answers.js';
import { formatFinding, type Finding } from '../../model/finding.js';
import { Refused, type ApiClient } from './api-client.js';
import { exitCodes } from './exit-codes.js';
import type { Inputs } from './inputs.js';
import { readRunbook, type RunbookFiles } from './runbook-files.js';
import { Stop } from './stop.js';
import { visible } from './visible.js';
import type { World } from './world.js';

/** What `plan` and `run start` are told. */
export interface PlanWish {
  readonly runbook: string;
  readonly inventory: string;
  readonly inputs: Inputs;
  /** Stored secrets may be made that say how they are made. */
  readonly makeSecrets?: true;
}

/**
 * Has the API compile a plan.
 *
 * @throws Stop (findings) after every mistake was printed on standard error
 */
export async function makePlan(world: World, client: ApiClient, wish: PlanWish): Promise<PlanAnswer> {
  const read = await readRunbook(world.folder, wish.runbook, wish.inventory);
  const files = Object.fromEntries([...read.files].map(([name, bytes]) => [name, sent(bytes)]));
  const { makeSecrets } = wish;
  const body = { files, runbook: read.runbook, inventory: read.inventory, inputs: wish.inputs.values, makeSecrets };
  return orFindings(world, client.post<PlanAnswer>('/v1/plans', body), (findings) =>
    findingLines(findings.map(wish.inputs.place), read),
  );
}

/**
 * What the API answers where it has planned something.
 *
 * @param lines - how findings are shown
 * @throws Stop (findings) after every mistake was printed on standard error
 */
export async function orFindings<T>(
  world: World,
  answer: Promise<T>,
  lines: (findings: readonly Finding[]) => string = (findings) => findingLines(findings),
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Refused) || error.problem.findings === undefined) throw error;
    world.err.write(lines(error.problem.findings));
    throw new Stop(error.problem.detail, exitCodes.findings);
  }
}

/** One line a finding, with paths as the person would type them. */
export function findingLines(findings: readonly Finding[], read?: RunbookFiles): string {
  const lines = findings.map((finding) =>
    formatFinding(read?.files.has(finding.file) === true ? { ...finding, file: read.shown(finding.file) } : finding),
  );
  return lines.map((line) => `${visible(line)}\n`).join('');
}

/** Text where the bytes are UTF-8 text, and would come out as the same bytes. */
function sent(bytes: Uint8Array): string | { base64: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text;
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}
