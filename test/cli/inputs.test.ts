import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, token, type Api } from '../api/api.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { dataFolderFor, type, type Typed } from './cli.js';

describe('inputs on the command line', () => {
  let postgres: TestPostgres;
  let api: Api;
  let data: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    api = await openApi(postgres);
    data = dataFolderFor(await api.listen(), token);
  });
  afterAll(async () => {
    await api.close();
    await postgres.stop();
    rmSync(data, { recursive: true });
  });

  const say = async (words: string): Promise<Typed> =>
    type(words, { folder: 'test/cases/cli', environment: { BELAY_DATA: data } });

  it('are lists and records, as JSON or from a file, and what is wrong with them is told at its place', async () => {
    const typed = async (words: string): Promise<Typed> => say(`plan people.yaml -i inventory.yaml ${words}`);
    const shown = async (words: string): Promise<unknown> =>
      (JSON.parse((await typed(`${words} -o json`)).out) as { plan: { inputs: unknown } }).plan.inputs;
    expect(await shown('-p ports=80 -p ports=443')).toEqual({ ports: [80, 443], people: [] });
    expect(await shown('--input ports=[80]')).toEqual({ ports: [80], people: [] });
    expect(await shown('--inputs in.yaml -p ports=443')).toEqual({
      ports: [443],
      people: [{ name: 'ada', uid: 1001 }],
    });
    const bad = await typed('--inputs bad-in.yaml -p ports=0');
    expect(bad.code).toBe(9);
    expect(bad.err.split('\n')).toEqual([
      'bad-in.yaml:3:23: it must be a whole number',
      '/inputs/ports/0: it must be from 1 to 65535',
      'belay: there are 2 mistakes in what was sent',
      '',
    ]);
  });
});
