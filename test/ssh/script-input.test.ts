import { expect, test } from 'vitest';
import type { Filler } from '../../activities/ssh/needs.js';
import { inputOf, sha256Of } from '../../activities/ssh/script-input.js';
import type { Script } from '../../model/operation.js';

const mib = 1024 * 1024;

function script(size: number): Script {
  return { text: 'cat', stdin: { base64: Buffer.alloc(size, 7).toString('base64') } };
}

function filler(secret: string): Filler & { asked: number } {
  return {
    asked: 0,
    fill(text) {
      this.asked += 1;
      return typeof text === 'string' ? { value: text, secret: false } : { value: secret, secret: true };
    },
    secrets: [secret],
  };
}

test('a file is decoded once for all hosts, and hashed once', () => {
  const one = script(mib);
  const { bytes, secret } = inputOf(one, filler('a'));
  expect([bytes.length, secret]).toEqual([mib, false]);
  expect(inputOf(one, filler('b')).bytes).toBe(bytes);
  expect(sha256Of(bytes)).toBe(sha256Of(Uint8Array.from(bytes)));
});

test('what holds a secret is filled in once a task, and never given to another', () => {
  const one: Script = { text: 'cat', stdin: { template: ['a', { expression: 'secret.x', sees: 'secret' }] } };
  const [mine, yours] = [filler('mine'), filler('yours')];
  const first = inputOf(one, mine);
  expect(first).toEqual({ bytes: Buffer.from('mine'), secret: true });
  expect([inputOf(one, mine), mine.asked]).toEqual([first, 1]);
  expect(inputOf(one, yours)).toEqual({ bytes: Buffer.from('yours'), secret: true });
});

test('at most 64 MiB are kept: what was not asked for longest is decoded again', () => {
  const [old, asked, fresh] = [script(30 * mib), script(30 * mib), script(30 * mib)];
  const bytes = [old, asked].map((one) => inputOf(one, filler('a')).bytes);
  inputOf(old, filler('a'));
  inputOf(fresh, filler('a'));
  expect(inputOf(old, filler('a')).bytes === bytes[0]).toBe(true);
  expect(inputOf(asked, filler('a')).bytes === bytes[1]).toBe(false);
  const huge = script(65 * mib);
  expect(inputOf(huge, filler('a')).bytes === inputOf(huge, filler('a')).bytes).toBe(false);
});
