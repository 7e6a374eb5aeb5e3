import { replacing } from '../pattern.js';

/** What stands where something was masked. */
export const maskedAs = '***';

const names = [
  String.raw`\w*pass(?:word|wd|phrase|code)?`,
  'pwd',
  String.raw`\w*secret\w*`,
  String.raw`\w*token`,
  String.raw`api[_-]?key`,
  String.raw`\w*private[_-]?key`,
  'authorization',
  'x-api-key',
  'set-cookie',
  'cookie',
  'credentials?',
  String.raw`client[_-]?assertion`,
  'assertion',
  String.raw`code[_-]verifier`,
  'jsessionid',
  String.raw`session[_-]?(?:id|state)`,
  'samlresponse',
  'ticket',
  'otp',
  'pin',
].join('|');

/** Each with what becomes of a match: `$1` is what may stay. None of them can look back over what it has seen. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, maskedAs],
  // JSON web tokens, signed or encrypted.
  [/\beyJ[\w-]{6,}(?:\.[\w-]*){1,4}/g, maskedAs],
  [/\b(Basic|Bearer|Digest|Negotiate)\s+[^\s,;"']{4,}/gi, `$1 ${maskedAs}`],
  // name=value, name: value, "name": "value", and name::value of LDIF.
  [
    new RegExp(
      String.raw`(?<![\w-])((?:${names})["']?\s{0,4}(?:=|::?|=>)\s{0,4})(?:"[^"]*"?|'[^']*'?|\[[^\]]*\]?|[^\s&"',;<>(){}[\]]+)`,
      'gi',
    ),
    `$1${maskedAs}`,
  ],
  // What a browser is sent back with.
  [/([?&](?:code|state|nonce|login_hint|id_token_hint|sid)=)[^\s&"'#<>]+/gi, `$1${maskedAs}`],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@]{1,200}:[^\s/@]{1,200}@/gi, `$1${maskedAs}@`],
  [/(?<![\w.+-])[\w.+-]{1,64}(?:@|%40)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g, maskedAs],
];

/** Masks what a record may not be kept with: passwords, tokens, keys, e-mail addresses, and what `patterns` (RE2) match. */
export function recordMask(patterns: readonly string[]): (text: string) => string {
  const own = patterns.map((pattern) => replacing(pattern, maskedAs));
  return (text) => {
    const known = rules.reduce((masked, [pattern, becomes]) => masked.replace(pattern, becomes), text);
    return own.reduce((masked, replace) => replace(masked), known);
  };
}
