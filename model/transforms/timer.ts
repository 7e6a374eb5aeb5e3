import { mustBeOneLine } from './text-lines.js';

/** A command, and when systemd starts it. Times are systemd's own: a calendar expression, or seconds. */
export interface TimerRules {
  readonly name: string;
  readonly about: string;
  readonly command: readonly string[];
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly calendar: readonly string[];
  /** Seconds after the host has started, and between the end of a run and the next one. */
  readonly after_boot: number | null;
  readonly every: number | null;
  /** Whether a time that the host slept through is made up for. */
  readonly persistent: boolean;
  readonly spread: number;
}

/**
 * Service unit and timer unit in one text, as the scripts take them apart: the length of the first in bytes, both,
 * and how the timer shall stand.
 * @throws Error where a value would end its line
 */
export function timerUnits(rules: TimerRules): Uint8Array {
  const service = [
    '[Unit]',
    `Description=${plain(rules.about)}`,
    '',
    '[Service]',
    'Type=oneshot',
    ...(rules.user === '' ? [] : [`User=${rules.user}`]),
    ...Object.entries(rules.environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    `ExecStart=${rules.command.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ')}`,
  ];
  const timer = [
    '[Unit]',
    `Description=${plain(rules.about)}`,
    '',
    '[Timer]',
    ...rules.calendar.map((time) => `OnCalendar=${plain(time)}`),
    ...(rules.after_boot === null ? [] : [`OnBootSec=${rules.after_boot}s`]),
    ...(rules.every === null ? [] : [`OnUnitInactiveSec=${rules.every}s`, 'OnActiveSec=0s']),
    ...(rules.persistent ? ['Persistent=true'] : []),
    ...(rules.spread === 0 ? [] : [`RandomizedDelaySec=${rules.spread}s`]),
    '',
    '[Install]',
    'WantedBy=timers.target',
  ];
  const [first, second] = [service, timer].map((lines) => `# Written by Belay: ${rules.name}\n${lines.join('\n')}\n`);
  const length = new TextEncoder().encode(first).length;
  return new TextEncoder().encode(`${length}\n${first}${second}enabled active\n`);
}

/** One word of a command line, as systemd reads it back. */
function quoted(word: string): string {
  return `"${plain(word).replace(/["\\]/g, '\\$&')}"`;
}

function plain(text: string): string {
  mustBeOneLine(text, 'a value of the unit');
  return text.replaceAll('%', '%%');
}
