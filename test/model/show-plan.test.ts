// cspell:ignore AAAAC
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planHash } from '../../model/compile/hash.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import { inventoryText, onePhase, planOf, sha256, type Written } from './planning.js';

const show = (written: Written): string => {
  const plan = planOf({ secrets: { login: 1, token: 4 }, ...written });
  return showPlan(plan, planHash(plan, sha256), sha256);
};

describe('a plan', () => {
  // `RENEW=1` writes the page anew, to be read before it is committed.
  it('is shown as an operator reads it', () => {
    const cases = join(import.meta.dirname, '../cases/plans');
    const text = show({
      runbook: readFileSync(join(cases, 'shown.yaml'), 'utf8'),
      beside: { 'site.conf': 'listen 443;\n' },
    });
    if (process.env.RENEW === '1') writeFileSync(join(cases, 'shown.txt'), text);
    expect(text).toBe(readFileSync(join(cases, 'shown.txt'), 'utf8'));
  });

  it('says how each host is reached, and by what it is known', () => {
    const key = 'key: { secret: login, passphrase: token }';
    const inventory = inventoryText
      .replace('192.0.2.2, key: { secret: login }', `192.0.2.2, user: deploy, sudo: true, jump: cache, ${key}`)
      .replace('192.0.2.3,', '192.0.2.3, jump: node1, weak_algorithms: [ssh-rsa, aes128-cbc],');
    const text = show({ runbook: onePhase('- { id: a, step: x, run: [x], undo: none, because: x }'), inventory });
    const known = (letter: string): string => `host key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${letter.repeat(44)}`;
    const login = 'with the secret login, version 1';
    const opened = `${login}, opened by the secret token, version 4`;
    expect(text).toContain(
      [
        `  node1: deploy at 192.0.2.2, port 22, ${opened}, as root by sudo`,
        `      ${known('b')}`,
        `      through cache: root at 192.0.2.1, port 22, ${login}`,
        `          ${known('a')}`,
        '      site = "east"',
        '  node2: root at 192.0.2.3, port 22, with the SSH agent',
        '      weak algorithms are accepted: ssh-rsa, aes128-cbc',
        `      ${known('c')}`,
        `      through cache: root at 192.0.2.1, port 22, ${login}`,
        `          ${known('a')}`,
        `      through node1: deploy at 192.0.2.2, port 22, ${opened}`,
        `          ${known('b')}`,
      ].join('\n'),
    );
  });

  it('never shows what a terminal would act on', () => {
    const text = show({
      runbook: onePhase(
        '- { id: a, step: "x\\e[2J\\u202e", run: ["\\e]52;c;eA==\\a", "\\u200b"], undo: none, because: "\\e[31m" }',
      ),
    });
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]/);
    expect(text).toContain('x\\u{1b}[2J\\u{202e}');
  });

  it('shows a script that many steps share once', () => {
    const steps = ['a', 'b', 'c'].map((id) => `- { id: ${id}, step: x, put: { path: /${id} } }`).join('\n');
    const text = show({ runbook: onePhase(steps) });
    expect(text.split('cat >"$1"')).toHaveLength(4);
  });

  it('shows the beginning of a long file, with its size and digest', () => {
    const text = show({
      runbook: onePhase('- { id: a, step: x, put: { path: /a, source: long.txt } }'),
      beside: { 'long.txt': 'line\n'.repeat(500) },
    });
    expect(text).toContain(
      `file beside the runbook, 2500 bytes, SHA-256 ${sha256(new TextEncoder().encode('line\n'.repeat(500)))}`,
    );
    expect(text).toContain('… 480 more lines');
  });
});
