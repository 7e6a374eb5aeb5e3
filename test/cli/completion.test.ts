import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command } from 'commander';
import { commands } from '../../apps/cli/commands.js';
import { candidates, type Known } from '../../apps/cli/completion/candidates.js';
import { scripts, shells } from '../../apps/cli/completion/scripts.js';
import type { World } from '../../apps/cli/world.js';
import { type } from './cli.js';

const known: Known = {
  runs: async () => ['cache-k3f9', 'cache-p2x1', 'accounts-77aa'],
  steps: async (run) => (run === 'cache-k3f9' ? ['redis', 'redis_up', 'account.ada.made'] : []),
  hosts: async (run, inventory) => (inventory === undefined ? [`of-${String(run)}`] : [`in-${inventory}`]),
  secrets: async () => ['redis-password'],
};

async function offered(line: string): Promise<string[]> {
  const program = new Command('belay').option('--no-color');
  for (const register of commands) register(program, { environment: {} } as World);
  const { words, files } = await candidates(program, line.split(' '), known);
  return [...words, ...(files ? ['(files)'] : [])];
}

describe('Completion', () => {
  const lines: readonly (readonly [line: string, offered: readonly string[]])[] = [
    ['ru', ['run']],
    ['run st', ['start']],
    ['run sh', ['show']],
    ['run show cache-', ['cache-k3f9', 'cache-p2x1']],
    ['run show --exit-code acc', ['accounts-77aa']],
    ['run show x ', []],
    ['run show --ex', ['--exit-code']],
    ['run show -o ', ['table', 'json', 'yaml']],
    ['run show -o json cache-p', ['cache-p2x1']],
    ['run output cache-k3f9 redis', ['redis', 'redis_up']],
    ['run output cache-k3f9 account.', ['account.ada.made']],
    ['run output cache-k3f9 redis ', ['of-cache-k3f9']],
    ['run output cache-k3f9 redis --part ', ['check', 'capture', 'do', 'verify', 'undo']],
    ['run retry cache-k3f9 --step redis_', ['redis_up']],
    ['run retry cache-k3f9 --host ', ['of-cache-k3f9']],
    ['host check -i lab.yaml ', ['in-lab.yaml']],
    ['plan ', ['(files)']],
    ['plan book -i ', ['(files)']],
    ['plan book --in', ['--input', '--inventory', '--inputs']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['secret set ', ['redis-password']],
    ['nonsense ', []],
  ];
  it.each(lines)('of "%s" offers %j', async (line, expected) => {
    expect((await offered(line)).sort()).toEqual([...expected].sort());
  });

  it('offers every command that help shows, and none that it hides', async () => {
    const shown = await offered('');
    expect(shown).toContain('lint');
    expect(shown).toContain('completion');
    expect(shown).not.toContain('complete');
    expect((await type('--help')).out).not.toMatch(/^ {2}complete /m);
  });

  it('says nothing, and nothing wrong, where Belay does not run', async () => {
    expect(await type('complete -- run show')).toEqual({ code: 0, out: 'show\n', err: '' });
    expect(await type('complete -- secret set x')).toEqual({ code: 0, out: '', err: '' });
  });

  it.each(shells)('has a script for %s that asks the program which was typed', async (shell) => {
    const typed = await type(`completion ${shell}`);
    expect(typed).toEqual({ code: 0, out: scripts[shell], err: '' });
    expect(scripts[shell]).toContain('complete --');
  });

  it('knows no other shell', async () => {
    expect((await type('completion csh')).err).toMatch(/Allowed choices are bash, zsh, fish/);
  });
});

describe('Completion in a real bash', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'belay-completion-'));
    writeFileSync(join(folder, 'script'), scripts.bash);
    writeFileSync(join(folder, 'a b.yaml'), '');
    // It answers with what it was asked, so that the words which arrive can be seen.
    const stub =
      '#!/bin/sh\nshift 2\nfor word; do printf "<%s>\\n" "$word"; done\necho \'$(touch canary)\'\necho :files\n';
    writeFileSync(join(folder, 'belay'), stub);
    chmodSync(join(folder, 'belay'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const completed = (words: readonly string[]): string[] => {
    const script =
      '. ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _belay; printf "%s\\n" "${COMPREPLY[@]}"; complete -p belay';
    const argv = ['--norc', '-c', script, 'bash', ...words];
    return execFileSync('bash', argv, { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  };

  it('hands over the words as they are, evaluates nothing, quotes what it offers, and offers files where they may stand', () => {
    expect(completed(['./belay', 'run', "it's $(touch canary)", 'a'])).toEqual([
      String.raw`\<run\>`,
      String.raw`\<it\'s\ \$\(touch\ canary\)\>`,
      String.raw`\<a\>`,
      String.raw`\$\(touch\ canary\)`,
      'a b.yaml',
      'complete -F _belay belay',
    ]);
    expect(completed(['./belay', ''])[0]).toBe(String.raw`\<\>`);
    expect(execFileSync('ls', [folder], { encoding: 'utf8' })).not.toContain('canary');
  });
});
