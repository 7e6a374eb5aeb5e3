// cspell:ignore runn strat
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf, exitCodes } from '../../apps/cli/exit-codes.js';
import { runStates, type RunState, type TaskState } from '../../model/states.js';
import { dataFolderFor, type } from './cli.js';

describe('the words of the command line', () => {
  it.each([
    ['runn', /unknown command 'runn'[\s\S]*did you mean run/i],
    ['run strat', /unknown command 'strat'[\s\S]*did you mean start/i],
    ['run list --wating', /unknown option '--wating'/],
    ['run list --limit none', /must be a whole number/],
    ['run list -o xml', /Allowed choices are table, json, yaml/],
    ['run show', /missing required argument 'run'/],
    ['lint', /missing required argument 'runbook'/],
    ['plan x', /required option '-i, --inventory <file>'/],
    ['run skip example-1', /required option '--reason <text>'/],
    ['run exclude example-1 --reason x', /required option '--host <name>'/],
    ['run edit example-1 --reason x', /required option '-p, --input <name=value>'/],
    ['run undo example-1 --to a --host b', /cannot be used with option '--host <name>'/],
    ['run retry example-1 --from a --step b', /cannot be used with option '--step <id>'/],
    ['run mark-done example-1 --reason x --host h', /required option '--step <id>'/],
    ['plan x -i y -p 7=8', /must look like name=value/],
    ['plan test/cases/cli/good.yaml -i y --inputs nothing.yaml', /nothing.yaml cannot be read: there is no such file/],
    ['lint no-such-folder', /there is no no-such-folder, and Belay ships no runbook of that name/],
    ['lint test/cases', /the folder test\/cases has no runbook.yaml/],
    ['secret set redis hunter2', /on standard input/],
    ['secret set Redis', /is no name of a secret/],
  ])('%s: is refused as wrong usage, in one line', async (words, message) => {
    const typed = await type(words);
    expect(typed.code).toBe(exitCodes.usage);
    expect(typed.err).toMatch(message);
    expect(typed.err).toMatch(/^belay: /);
    expect(typed.err).not.toMatch(/\n\s+at /);
    expect(typed.out).toBe('');
  });

  it('never repeat a secret that was given as an argument', async () => {
    expect((await type('secret set redis hunter2')).err).not.toContain('hunter2');
  });

  it.each(['--help', 'run --help', 'help run', 'run start --help'])('%s: shows help', async (words) => {
    const typed = await type(words);
    expect(typed.code).toBe(0);
    expect(typed.out).toMatch(/^Usage: belay/);
  });

  it.each([
    'run list',
    'run show x',
    'run watch x',
    'run approve x',
    'run undo x',
    'secret list',
    'host check -i test/cases/cli/inventory.yaml',
  ])('%s: says how to start Belay where it does not run', async (words) => {
    const typed = await type(words);
    expect(typed.code).toBe(exitCodes.error);
    expect(typed.err).toMatch(/^belay: Belay is not running \(.*\); start it with: belay up\n$/);
  });

  it('say so where what `up` left behind is stale', async () => {
    const data = dataFolderFor('http://127.0.0.1:1', 'x'.repeat(40));
    const typed = await type('run list', { environment: { BELAY_DATA: data } });
    expect(typed.err).toBe(
      'belay: Belay is not running (nothing answers at http://127.0.0.1:1); start it with: belay up\n',
    );
    rmSync(data, { recursive: true });
  });

  it('refuse an address that is none', async () => {
    const typed = await type('run list', { environment: { BELAY_API_URL: 'localhost:7243' } });
    expect(typed.err).toMatch(/BELAY_API_URL must look like/);
  });
});

describe('lint', () => {
  it('finds a runbook that Belay ships by its name, from any folder', async () => {
    expect(await type('lint gluu-cache', { folder: tmpdir() })).toMatchObject({ code: 0, err: '' });
  });

  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'belay-lint-'));
    mkdirSync(join(folder, 'good'));
    mkdirSync(join(folder, 'bad'));
    writeFileSync(join(folder, 'good/runbook.yaml'), readFileSync('test/cases/cli/good.yaml'));
    writeFileSync(join(folder, 'bad/runbook.yaml'), readFileSync('test/cases/cli/bad.yaml'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says nothing of a runbook without mistakes', async () => {
    expect(await type('lint good', { folder })).toEqual({ code: 0, out: '', err: '' });
  });

  it('prints a line for each mistake, as editors follow it, and ends with 9', async () => {
    const typed = await type('lint bad', { folder });
    expect(typed.code).toBe(exitCodes.findings);
    const lines = typed.out.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^bad\/runbook\.yaml:\d+:\d+: \S/);
  });

  it('prints the same mistakes for programs', async () => {
    const typed = await type('lint bad/runbook.yaml -o json', { folder });
    const { findings } = JSON.parse(typed.out) as { findings: { file: string; line: number }[] };
    expect(findings[0]).toMatchObject({ file: 'bad/runbook.yaml' });
    expect(typed.code).toBe(exitCodes.findings);
  });

  it('needs no Belay running, and no inventory', async () => {
    expect((await type('lint good -i inventory.yaml', { folder })).err).toMatch(
      /inventory.yaml cannot be read: there is no such file/,
    );
  });
});

describe('exit codes', () => {
  const cases: [RunState, TaskState[], number][] = [
    ['succeeded', ['ok', 'changed'], 0],
    ['failed', ['failed'], 3],
    ['failed', ['unreachable', 'ok', 'pending'], 4],
    ['failed', ['unreachable', 'failed'], 3],
    ['failed', ['unreachable', 'unknown'], 3],
    ['failed', [], 3],
    ['rejected', [], 5],
    ['cancelled', [], 6],
    ['timed_out', [], 7],
    ['undone', ['undone'], 8],
    ['undo_incomplete', ['undo_failed'], 10],
    ['waiting', [], 11],
    ['planned', [], 0],
    ['running', [], 0],
    ['pausing', [], 0],
    ['paused', [], 0],
    ['undoing', [], 0],
  ];
  it.each(cases)('%s with tasks %j ends with %i', (state, tasks, code) => {
    expect(exitCodeOf(state, tasks)).toBe(code);
  });

  it('has a case for every state of a run', () => {
    expect(new Set(cases.map(([state]) => state))).toEqual(new Set(runStates));
  });

  it('are documented, each of them and no other', () => {
    const rows = [...readFileSync('docs/cli.md', 'utf8').matchAll(/^\| (\d+) +\| `(\w+)`/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).toEqual(exitCodes);
  });
});
