import { readFileSync } from 'node:fs';
import { quote } from './wire.js';

/** What scripts, and the runner itself, find in their environment beside what is given to them. */
const keptVariables = ['HOME', 'USER', 'LOGNAME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR'];
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The runner by subject; the last one starts it, so that everything is defined by then. */
const subjects = [
  'opening',
  'taking-over',
  'slots',
  'books',
  'staging',
  'ending',
  'starting',
  'carrying',
  'watchdog',
  'messages',
  'runner',
];

const journal = program('journal.sh');
const runner = subjects.map((subject) => program(`runner/${subject}.sh`)).join('\n');
const reader = program('reader.sh');

/** The command that starts a runner; `state` is empty for the user's own state directory. */
export function runnerCommand(shell: readonly string[], state: string, host: string, holder: number): string {
  const text = `${journal}\n${runner}`.replace('@SHELL@', () => shell.map(quote).join(' '));
  return clean(shell, text, [state, host, String(holder)]);
}

/** The command that opens a reading channel on a journal. */
export function readerCommand(shell: readonly string[], directory: string): string {
  return clean(shell, `${journal}\n${reader}`, [directory]);
}

/** Whatever the login shell is and exports, the program starts under `shell` in a known environment. */
function clean(shell: readonly string[], text: string, values: readonly string[]): string {
  const kept = keptVariables.map((name) => `${name}="\${${name}-}"`).join(' ');
  const outer = `exec env -i ${kept} PATH=${path} LC_ALL=C "$@"`;
  const words = [...shell, '-c', text, 'belay-runner', ...values];
  return `exec /bin/sh -c ${quote(outer)} belay ${words.map(quote).join(' ')}`;
}

/** The shell text without comments and indentation, which would only be sent and parsed once more. */
function program(name: string): string {
  return source(name)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');
}

/** The compiler leaves shell files where they are, so that a built program finds them in the checkout. */
function source(name: string): string {
  try {
    return readFileSync(new URL(name, import.meta.url), 'utf8');
  } catch {
    return readFileSync(new URL(`../../../activities/ssh/${name}`, import.meta.url), 'utf8');
  }
}
