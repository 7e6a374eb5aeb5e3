import { chanceFrom } from '../chaos/chance.js';

const everyCharacter = Array.from({ length: 0x7ff }, (_, index) => String.fromCodePoint(index + 1)).join('');

/** Every class of value that has ever meant something else to somebody. `canary` must never come to exist. */
export const classes = (canary: string): Readonly<Record<string, string>> => ({
  quotes: `'"'\\''"\`"'`,
  'a quote alone': "'",
  'an end of here-document': 'EOF\nEND\n.\n',
  commands: `$(touch ${canary}) \`touch ${canary}\` \${HOME} $((1+1)) ; touch ${canary} & | > <`,
  'a command behind a quote': `'; touch ${canary}; '`,
  'a command behind two quotes': `"; touch ${canary}; "`,
  'a command on a line of its own': `x\ntouch ${canary}\n`,
  'a command substitution': `$(touch ${canary})`,
  'a process substitution': `<(touch ${canary})`,
  'an arithmetic expansion': `$((a[$(touch ${canary})]))`,
  'a function': `() { :; }; touch ${canary}`,
  'an assignment': `PATH=/nowhere IFS=x touch ${canary}`,
  newlines: '\n\nfirst\nlast\n\n\n',
  'a newline alone': '\n',
  dash: '-n',
  'two dashes': '--',
  'an option': '--help',
  'an option of git': `--upload-pack=touch ${canary}`,
  'an option of ssh': `-oProxyCommand=touch ${canary}`,
  'an option of tar': `--checkpoint-action=exec=touch ${canary}`,
  'an option of find': `-exec touch ${canary} ;`,
  'an option of env': '-S',
  backslashes: '\\ \\\\ \\n \\0101 \\c %s %b %% %n',
  'a backslash at the end': 'x\\',
  globs: '* ? [a-z] ~ ~root {a,b} !',
  history: '!! !$ ^a^b',
  blanks: '  a  \t b  ',
  empty: '',
  'climbing path': '../../../../etc/passwd',
  tilde: '~/x',
  unicode: 'naïve 日本語 🚀 \u202e\u200b\ufeff',
  combining: 'e\u0301\u0301\u0301 \ud83d\udc68\u200d\ud83d\udc69',
  'every character of one or two bytes': everyCharacter,
  'control characters': '\x01\x02\x07\x08\x1b[2J\x1b]0;x\x07\x7f',
  'carriage returns': 'a\r\nb\r',
  'an expression': '${{ secret.password }}',
  'a shell variable': '$BELAY_TASK ${PATH} $0 $* $@ $# $$ $?',
  sed: 's/x/&\\1/e;w /dev/stdout',
  printf: '%s%s%s%n%1000000000d',
  json: '{"a":"\\u0000","__proto__":{}}',
  yaml: '!!js/function >\n  touch',
  ldap: '*)(uid=*))(|(uid=*\\00',
  sql: "'; drop table runs; --",
  '64 KiB': 'x\'"$\n'.repeat(13_107),
  'nearly 128 KiB': 'x'.repeat(131_065),
});

/** What no process can be given, or nobody can write as UTF-8: to be refused. */
export const impossible: Readonly<Record<string, string>> = {
  'a NUL byte': 'a\0b',
  'a NUL byte at the end': 'a\0',
  'half a character': 'x\ud800y',
  'the other half': '\udc00',
  '128 KiB': 'y'.repeat(131_072),
};

/** That many values, the same ones for the same seed: classes, their pieces and any characters, put together. */
export function nastyValues(seed: number, count: number, canary: string): string[] {
  const chance = chanceFrom(seed);
  const known = [...Object.values(classes(canary)), ...Object.values(impossible)];
  const short = known.filter((value) => value.length < 200);
  const one = (): string => {
    const kind = chance.next();
    if (kind < 0.35) return chance.pick(short);
    if (kind < 0.7) {
      const value = chance.pick(short);
      return value.slice(Math.floor(chance.next() * value.length));
    }
    const most = chance.pick([0x7f, 0xff, 0x7ff, 0xffff, 0x10ffff]);
    return String.fromCodePoint(
      ...Array.from({ length: 1 + Math.floor(chance.next() * 12) }, () => Math.floor(chance.next() * most)),
    );
  };
  const made = Array.from({ length: count - known.length }, () =>
    Array.from({ length: 1 + Math.floor(chance.next() * 4) }, one).join(''),
  );
  return [...known, ...made];
}

/** Whether a process can be given the value at all, as an argument or under a name of so many bytes. */
export function canBeGiven(value: string, more = 0): boolean {
  return !value.includes('\0') && value.isWellFormed() && Buffer.byteLength(value) + more <= 131_071;
}
