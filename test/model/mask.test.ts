import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createMasker, maskOf, type StreamMasker } from '../../model/mask.js';

const password = 'p&ss/w0rd+"\\ü<7';

function through(masker: StreamMasker, bytes: Uint8Array, size: number): string {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(masker.push(bytes.subarray(at, at + size)));
  out.push(masker.end());
  return Buffer.concat(out).toString('latin1');
}

function tool(command: string, input: string): string {
  return execFileSync('sh', ['-c', command], { input }).toString('latin1');
}

/** Base64 of the password between `before` and `after` bytes, in three parts: only the middle depends on it alone. */
function inBase64(before: number, after: number): [string, string, string] {
  const code = (fill: number): string =>
    Buffer.concat([Buffer.alloc(before, fill), Buffer.from(password), Buffer.alloc(after, fill)]).toString('base64');
  const [zeros, ones] = [code(0), code(255)];
  const same = [...zeros].map((sign, at) => sign === ones[at] && sign !== '=');
  return [
    zeros.slice(0, same.indexOf(true)),
    zeros.slice(same.indexOf(true), same.lastIndexOf(true) + 1),
    zeros.slice(same.lastIndexOf(true) + 1),
  ];
}

const broken = (
  [before, core, after]: [string, string, string],
  size: number,
  end: string,
): [string, string, string] => [before, core.replace(new RegExp(`(.{${size}})`, 'g'), `$1${end}`), after];

describe('masking', () => {
  const inside = (text: string): string => text.trim().slice(1, -1);
  const forms: [string, [string, string, string]][] = [
    ['as it is', ['', password, '']],
    ['in JSON', ['{"password":"', inside(JSON.stringify(password)), '"}']],
    ['in JSON inside JSON', ['"{\\"p\\":\\"', inside(JSON.stringify(inside(JSON.stringify(password)))), '\\"}"']],
    [
      'in JSON by Python, beyond ASCII escaped',
      ['"', inside(tool('python3 -c "import json,sys; print(json.dumps(sys.stdin.read()))"', password)), '"'],
    ],
    ['in JSON with slashes escaped', ['"', inside(JSON.stringify(password)).replaceAll('/', '\\/'), '"']],
    ['in a URL', ['?p=', encodeURIComponent(password), '&q']],
    [
      'in a URL by Python',
      [
        '?p=',
        tool(
          "python3 -c \"import urllib.parse,sys; print(urllib.parse.quote(sys.stdin.read(), safe=''), end='')\"",
          password,
        ),
        '&q',
      ],
    ],
    [
      'in a URL in small letters',
      ['?p=', encodeURIComponent(password).replace(/%../g, (one) => one.toLowerCase()), '&q'],
    ],
    ['in a form', ['p=', new URLSearchParams({ password }).toString().slice(9), '']],
    ['in hexadecimal', ['', Buffer.from(password).toString('hex'), '']],
    ['in capital hexadecimal', ['', Buffer.from(password).toString('hex').toUpperCase(), '']],
    ...[0, 1, 2, 3, 4].map((before): [string, [string, string, string]] => [
      `in base64 after ${before} other bytes`,
      inBase64(before, 2),
    ]),
    [
      'in base64url',
      inBase64(1, 1).map((part) => part.replaceAll('+', '-').replaceAll('/', '_')) as [string, string, string],
    ],
    ['in base64 broken every 8 characters', broken(inBase64(2, 2), 8, '\n')],
    ['in hexadecimal broken by CRLF', broken(['', Buffer.from(password).toString('hex'), ''], 10, '\r\n')],
  ];
  test.each(forms)('hides a secret %s, wherever chunks end, and nothing else', (_name, [before, core, after]) => {
    const bytes = Buffer.from(`-> ${before}${core}${after} <-`);
    const hidden = Buffer.from(core)
      .toString('latin1')
      .replace(/[^\r\n]/g, '*');
    for (const size of [1, 2, 3, 7, 4096]) {
      expect(through(maskOf([password]).stream(), bytes, size).trim()).toBe(`-> ${before}${hidden}${after} <-`);
    }
  });

  test('gives the same bytes however the stream is cut', () => {
    const mask = maskOf(['secret-one', 'one-and-two', 'aaaaaaab', 'aaaaaaaab']);
    const bytes = Buffer.from('secret-one-and-two aaaaaaaaaaaab secret-on secret-one-and-tw aaaaaaa');
    const whole = through(mask.stream(), bytes, bytes.length);
    expect(whole).toBe('****************** aaaa********* secret-on **********-and-tw aaaaaaa');
    for (let size = 1; size < bytes.length; size++) expect(through(mask.stream(), bytes, size)).toBe(whole);
  });

  test('hides every line of a key, and leaves the frame of a PEM block readable', () => {
    const key = tool('openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256', '');
    const [head, first, second] = key.split('\n') as [string, string, string];
    const shown = maskOf([key]).text(`indented:\n  ${first}\n  ${second}\n${head}\n`);
    expect(shown).toBe(`indented:\n  ${'*'.repeat(first.length)}\n  ${'*'.repeat(second.length)}\n${head}\n`);
    expect(maskOf([key]).text(key.replaceAll('\n', '\\n'))).not.toContain(first);
  });

  test('lets bytes go as soon as they cannot become a secret', () => {
    const masker = maskOf(['hunter2hunter2']).stream();
    expect(Buffer.from(masker.push(Buffer.from('ready\n'))).toString()).toBe('ready\n');
    expect(Buffer.from(masker.push(Buffer.from('now hun'))).toString()).toBe('now ');
    expect(Buffer.from(masker.push(Buffer.from('gry'))).toString()).toBe('hungry');
    expect(masker.end()).toHaveLength(0);
  });

  test('keeps streams of the same secrets apart', () => {
    const secrets = ['hunter2hunter2'];
    createMasker(secrets).push(Buffer.from('hunter2'));
    expect(Buffer.from(createMasker(secrets).push(Buffer.from('hunter2 is half\n'))).toString()).toBe(
      'hunter2 is half\n',
    );
  });

  test('does not hold back endless empty lines after what looks like a beginning', () => {
    const masker = maskOf(['hunter2hunter2']).stream();
    masker.push(Buffer.from('6875'));
    expect(masker.push(Buffer.alloc(1_000_000, '\n')).length).toBeGreaterThan(999_000);
  });

  test('passes bytes that are no text through unharmed', () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256);
    expect(Buffer.from(through(maskOf([password]).stream(), bytes, 100), 'latin1')).toEqual(Buffer.from(bytes));
  });

  test('leaves texts of fewer than six characters alone', () => {
    expect(maskOf(['abc', '', 'true']).text('abc is true')).toBe('abc is true');
  });

  test('finds a secret of every byte value', () => {
    const secret = Array.from({ length: 256 }, (_, index) => String.fromCharCode(index)).join('');
    const shown = maskOf([secret]).text(`<${secret.trim()}>`);
    expect(shown).toMatch(/^<\*+>$/);
  });
});
