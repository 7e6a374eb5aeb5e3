// cspell:ignore wach
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import { appendOutput } from '../../database/output.js';
import { moveRun } from '../../database/runs.js';
import { keepPlan, openApi, token, underKey, type Api } from '../api/api.js';
import { phase, plan, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { dataFolderFor } from './cli.js';

/** Finds the `.ts` beside an import that ends in `.js`, so that the program runs without having been built. */
const loader = `data:text/javascript,${encodeURIComponent(
  'export const resolve = (name, context, next) => next(name, context).catch(() => next(name.replace(/\\.js$/, ".ts"), context));',
)}`;
const register = `data:text/javascript,${encodeURIComponent(`import { register } from 'node:module'; register(${JSON.stringify(loader)});`)}`;
const program = [
  process.execPath,
  '--experimental-transform-types',
  '--no-warnings',
  '--import',
  register,
  'apps/cli/main.ts',
];

describe('the command line as a process', () => {
  let postgres: TestPostgres;
  let api: Api;
  let data: string;
  let run: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    api = await openApi(postgres);
    data = dataFolderFor(await api.listen(), token);
    const { body } = await api.ask(
      'POST',
      '/v1/runs',
      { plan: await keepPlan(api, plan([phase('Only', [['h']], [step('work', ['h'])])])) },
      underKey(),
    );
    run = body.run as string;
    const { database } = api.records;
    await moveRun(database, run, 'running');
    await beginAttempts(database, run, 'work', [{ host: 'h', attempt: 1 }]);
    const bytes = Buffer.alloc(2_000_000, 'a line of output\n');
    await appendOutput(database, {
      run,
      step: 'work',
      host: 'h',
      attempt: 1,
      part: 'do',
      stream: 'stdout',
      offset: 0,
      bytes,
    });
  });
  afterAll(async () => {
    await api.close();
    await postgres.stop();
    rmSync(data, { recursive: true });
  });

  function start(words: readonly string[]) {
    const [node = '', ...flags] = program;
    const child = spawn(node, [...flags, ...words], {
      env: { ...process.env, BELAY_DATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { out: '', err: '' };
    child.stderr.on('data', (chunk: Buffer) => (printed.err += chunk.toString()));
    return { child, printed };
  }

  it('ends without a word when whoever reads it has gone', async () => {
    const { child, printed } = start(['run', 'output', run, 'work', 'h']);
    await once(child.stdout, 'readable');
    child.stdout.read(10);
    child.stdout.destroy();
    const [code] = await once(child, 'exit');
    expect({ code, err: printed.err }).toEqual({ code: 141, err: '' });
  });

  it('is detached by Ctrl-C, says how to come back, and the run goes on', async () => {
    const { child, printed } = start(['run', 'watch', run]);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    expect(printed.err).toBe(`\nThe run goes on. Come back with: belay run watch ${run}\n`);
    expect((await api.ask('GET', `/v1/runs/${run}`)).body.state).toBe('running');
  });

  it('tells a wrong word with exit code 2 and one line', async () => {
    const { child, printed } = start(['run', 'wach', run]);
    const [code] = await once(child, 'exit');
    expect(code).toBe(2);
    expect(printed.err).toMatch(/^belay: unknown command 'wach'\n\(Did you mean watch\?\)\n$/);
  });
}, 60_000);
