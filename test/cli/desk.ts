import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApi, token, type Api } from '../api/api.js';
import { startPostgres } from '../database/postgres.js';
import { dataFolderFor, type, type Around, type Typed } from './cli.js';

/** A command line that knows its API, in a folder with documents to type about; `greeting` is a runbook of its own. */
export interface Desk {
  readonly api: Api;
  /** Where the command line finds the API. */
  readonly data: string;
  say(words: string, around?: Around): Promise<Typed>;
  leave(): Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const postgres = await startPostgres();
  const api = await openApi(postgres);
  const data = dataFolderFor(await api.listen(), token);
  const folder = mkdtempSync(join(tmpdir(), 'belay-desk-'));
  cpSync('test/cases/cli', folder, { recursive: true });
  mkdirSync(join(folder, 'greeting'));
  cpSync('test/cases/cli/good.yaml', join(folder, 'greeting/runbook.yaml'));
  return {
    api,
    data,
    say: async (words, around = {}) =>
      type(words, { folder, ...around, environment: { BELAY_DATA: data, ...around.environment } }),
    leave: async () => {
      await api.close();
      await postgres.stop();
      for (const one of [data, folder]) rmSync(one, { recursive: true });
    },
  };
}
