import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * A Temporal dev server of its own, from the program that set-up prepared.
 *
 * @param extraArgs - more of its options
 */
export async function startTemporal(extraArgs: string[] = []): Promise<TestWorkflowEnvironment> {
  const cached = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'belay', 'bin', 'temporal');
  const path = process.env['TEMPORAL_CLI_PATH'] ?? (existsSync(cached) ? cached : 'temporal');
  const create = async (): Promise<TestWorkflowEnvironment> =>
    TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path }, extraArgs } });
  // It chooses a port that somebody else may take before it is used.
  return create().catch(create);
}
