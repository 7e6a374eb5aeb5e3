import { quote } from '../../model/shell-word.js';
import { readFileSync } from 'node:fs';

/** What scripts, and the runner itself, find in their environment beside what is given to them. */
const keptVariables = ['HOME', 'USER', 'LOGNAME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR'];
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The runner by subject; the last one starts it, so that everything is defined by then. */
const subjects = [
  'opening',
  'overhearing',
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

/** How a program is started: the command, and what it must be sent before anything else. */
export interface Start {
  readonly command: string;
  readonly input: Uint8Array;
  /** Whether it says `belay shell` once it is there, whatever comes of it then. */
  readonly announced: boolean;
}

/** By what a program is started on a host. */
export interface StartedBy {
  readonly shell: readonly string[];
  /** As root by `sudo -n`, instead of as the user who has logged in. */
  readonly sudo: boolean;
}

/** What starts a runner; `state` is empty for the user's own state directory. */
export function runnerStart(by: StartedBy, state: string, host: string, holder: number): Start {
  const text = `${journal}\n${runner}`.replace('@SHELL@', () => by.shell.map(quote).join(' '));
  return startOf(by, text, [state, host, String(holder)]);
}

/** What opens a reading channel on a journal. */
export function readerStart(by: StartedBy, directory: string): Start {
  return startOf(by, `${journal}\n${reader}`, [directory]);
}

/**
 * Whatever the login shell is and exports, the program starts under `shell` in a known environment. sudo gets a short
 * command, since it writes every word of it to the host's log; the program's text then comes on stdin.
 */
function startOf({ shell, sudo }: StartedBy, text: string, values: readonly string[]): Start {
  const kept = keptVariables.map((name) => `${name}="\${${name}-}"`).join(' ');
  const clean = `exec env -i ${kept} PATH=${path} LC_ALL=C "$@"`;
  if (!sudo) {
    const words = [...shell, '-c', text, 'belay-runner', ...values];
    return {
      command: `exec /bin/sh -c ${quote(clean)} belay ${words.map(quote).join(' ')}`,
      input: noInput,
      announced: false,
    };
  }
  const input = Buffer.from(`${text}\n`);
  const taken = `echo belay shell; eval "$(dd bs=${input.length} count=1 iflag=fullblock 2>/dev/null)"`;
  const words = ['/bin/sh', '-c', clean, 'belay', ...shell, '-c', taken, 'belay-runner', ...values];
  return { command: `exec sudo -n -H -- ${words.map(quote).join(' ')}`, input, announced: true };
}

const noInput = new Uint8Array();

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
