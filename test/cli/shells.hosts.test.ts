// cspell:ignore compinit stty unsetopt
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scripts, type Shell } from '../../apps/cli/completion/scripts.js';
import { until } from '../ssh/sshd.js';

/** How each is started on a terminal with nothing of its user's, and what makes it complete before. */
const starts: Readonly<Record<Shell, readonly [command: string, first: string]>> = {
  bash: ['bash --norc --noprofile -i', `bind 'set enable-bracketed-paste off'; PS1='ready''> '; . ./script`],
  zsh: [
    'zsh -f -i',
    `unsetopt beep; autoload -Uz compinit; compinit -u -d ./dump; eval "$(cat script)"; PS1='ready''> '`,
  ],
  fish: ['fish --no-config -i', `source ./script; function fish_prompt; echo -n ready'> '; end`],
};

describe.each(Object.entries(starts))('Tab in a real %s', (shell, [command, first]) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'belay-shells-'));
    writeFileSync(join(folder, 'script'), scripts[shell as Shell]);
    writeFileSync(join(folder, 'one book.yaml'), '');
    // Asked by the shell, it writes down what it was asked and offers what lies beside it; typed, what it was given.
    const program = `#!/bin/sh
if [ "$1" = complete ]; then shift 2; printf '<%s>' "$@" >asked; cat offers; else printf '<%s>' "$@" >given; fi
`;
    writeFileSync(join(folder, 'belay'), program);
    chmodSync(join(folder, 'belay'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Types a line in which Tab is pressed, and then Enter. @returns what the program was asked, and given */
  const typed = async (line: string, offers: readonly string[]): Promise<{ asked: string; given: string }> => {
    writeFileSync(join(folder, 'offers'), offers.map((offer) => `${offer}\n`).join(''));
    const environment = { PATH: process.env['PATH'], TERM: 'xterm', LC_ALL: 'C.UTF-8', HOME: folder };
    // A terminal of its own; 500 columns, so that no line is folded.
    const child = spawn('script', ['-qfec', `stty cols 500; ${command}`, '/dev/null'], {
      cwd: folder,
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    try {
      let shown = '';
      child.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString('utf8')));
      await until(`${shell} is there`, () => shown.length > 0);
      child.stdin.write(`${first}\n`);
      await until(`${shell} is ready`, () => /ready> /.test(shown.replaceAll(/\u001b\[[0-9;?]*[a-zA-Z]/g, '')));
      const [before = '', after = ''] = line.split('<Tab>');
      child.stdin.write(`${before}\t`);
      await until('the program is asked', () => existsSync(join(folder, 'asked')));
      child.stdin.write(`${after}\n`);
      await until('the program is given its words', () => existsSync(join(folder, 'given')));
      return { asked: read('asked'), given: read('given') };
    } finally {
      child.kill('SIGKILL');
    }
  };
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

  it.each([
    ['./belay ru<Tab> show', ['run'], '<ru>', '<run><show>'],
    ['./belay run sh<Tab>', ['show'], '<run><sh>', '<run><show>'],
    ['./belay run show <Tab>', ['cache-k3f9'], '<run><show><>', '<run><show><cache-k3f9>'],
    ['./belay run show -<Tab> json', ['-n'], '<run><show><->', '<run><show><-n><json>'],
    ['./belay run show --ex<Tab> x', ['--exit-code'], '<run><show><--ex>', '<run><show><--exit-code><x>'],
    ['./belay plan on<Tab>', [':files'], '<plan><on>', '<plan><one book.yaml>'],
    [`./belay -i 'it is' ho<Tab>`, ['host'], '<-i><it is><ho>', '<-i><it is><host>'],
    ['./belay -i "it is" it\\ is ho<Tab>', ['host'], '<-i><it is><it is><ho>', '<-i><it is><it is><host>'],
    ["./belay plan 'on<Tab>", [':files'], '<plan><on>', '<plan><one book.yaml>'],
  ])('%s of %j', async (line, offers, asked, given) => {
    expect(await typed(line, offers)).toEqual({ asked, given });
  });

  it('offers no word that the shell would carry out', async () => {
    const { given } = await typed('./belay run show x<Tab>', ['x$(touch canary)y']);
    expect(given).toBe('<run><show><x$(touch canary)y>');
    expect(existsSync(join(folder, 'canary'))).toBe(false);
  });
});
