import { quote } from '../shell-word.js';
import { setBlock } from './block.js';
import { mustBeOneLine } from './text-lines.js';

/** One job of cron: in a file of its own under /etc/cron.d, or as a marked block of a user's crontab. */
export interface CronRules {
  readonly name: string;
  readonly crontab: boolean;
  readonly schedule: string;
  readonly user: string;
  /** A line of sh, or the words of one. */
  readonly command: string | readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The file with the job in it. In a command cron takes a bare `%` for a line end; it is escaped, so that the command
 * is what was written.
 * @throws Error where a value would end its line
 */
export function setCron(content: Uint8Array, rules: CronRules): Uint8Array {
  const { name, schedule, user } = rules;
  const command = typeof rules.command === 'string' ? rules.command : rules.command.map(quote).join(' ');
  mustBeOneLine(command, 'the command');
  const escaped = command.replaceAll('%', '\\%');
  if (rules.crontab) return setBlock(content, { name, lines: [`${schedule} ${escaped}`] });
  const variables = Object.entries(rules.environment).map(([key, value]) => {
    mustBeOneLine(value, `the value of ${key}`);
    if (value.includes('"')) throw new Error(`the value of ${key} holds a quotation mark, which cron cannot carry`);
    return `${key}="${value}"`;
  });
  const lines = [`# Written by Belay: ${name}`, ...variables, `${schedule} ${user} ${escaped}`];
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}

const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const days = 'sun|mon|tue|wed|thu|fri|sat';

/** Whether cron takes this for a time: five fields, or a word such as `@daily`. A file with a wrong one is ignored whole. */
export function isSchedule(text: string): boolean {
  if (/^@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(text)) return true;
  const fields = text.split(/[ \t]+/);
  const limits: readonly (readonly [number, number, string])[] = [
    [0, 59, ''],
    [0, 23, ''],
    [1, 31, ''],
    [1, 12, months],
    [0, 7, days],
  ];
  return fields.length === 5 && fields.every((field, index) => isField(field, ...(limits[index] ?? [0, 0, ''])));
}

function isField(field: string, least: number, most: number, names: string): boolean {
  return field.split(',').every((part) => {
    const [, from, to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    if (from === undefined || Number(step ?? 1) < 1) return false;
    if (from === '*') return to === undefined;
    if (step !== undefined && to === undefined) return false;
    const named = names.split('|').includes(from.toLowerCase()) && names !== '';
    if (named) return to === undefined || names.split('|').includes(to.toLowerCase());
    const within = (number: string): boolean =>
      /^\d{1,2}$/.test(number) && Number(number) >= least && Number(number) <= most;
    return within(from) && (to === undefined || (within(to) && Number(to) >= Number(from)));
  });
}
