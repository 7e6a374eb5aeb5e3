import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readInventory } from '../../../model/inventory/inventory.js';
import type { RunsAnswer, SecretsAnswer, TasksAnswer } from '../../../model/answers.js';
import { ApiClient } from '../api-client.js';
import { findApi } from '../find-api.js';
import type { World } from '../world.js';
import type { Known } from './candidates.js';

/** Milliseconds that somebody at a prompt waits for Belay. */
const patience = 1_500;

/** What Belay and an inventory tell, for completion: whatever goes wrong comes to nothing. */
export function knownTo(world: World): Known {
  const ask = async <T>(path: string): Promise<T> => {
    const client = new ApiClient(findApi(world), world.user, AbortSignal.timeout(patience));
    return client.get<T>(path);
  };
  const tasks = async (run: string): Promise<TasksAnswer['tasks']> =>
    (await ask<TasksAnswer>(`/v1/runs/${encodeURIComponent(run)}/tasks`)).tasks;
  return {
    runs: async () => orNothing(async () => (await ask<RunsAnswer>('/v1/runs?limit=100')).runs.map(({ run }) => run)),
    steps: async (run) => orNothing(async () => (await tasks(run)).map(({ step }) => step)),
    hosts: async (run, inventory) =>
      orNothing(async () =>
        inventory === undefined
          ? (await tasks(run ?? '')).map(({ host }) => host)
          : hostsIn(inventory, await readFile(resolve(world.folder, inventory))),
      ),
    secrets: async () =>
      orNothing(async () => (await ask<SecretsAnswer>('/v1/secrets')).secrets.map(({ name }) => name)),
  };
}

function hostsIn(file: string, bytes: Uint8Array): string[] {
  return [...(readInventory(file, bytes).inventory?.hosts.keys() ?? [])];
}

async function orNothing(names: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return [...new Set(await names())];
  } catch {
    return [];
  }
}
