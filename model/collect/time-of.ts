/** How a record says when it was written. */
export const timeFormats = ['none', 'iso', 'clf', 'ctime', 'syslog', 'day_month'] as const;
export type TimeFormat = (typeof timeFormats)[number];

/** Where and when a record was read: what its own time leaves out is taken from here. */
export interface ReadAt {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Minutes that the host's clock is east of UTC. */
  readonly offset: number;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const clock = String.raw`(?<h>\d\d):(?<m>\d\d):(?<s>\d\d)(?:[.,](?<f>\d{1,9}))?`;
const zone = String.raw`\s?(?<z>Z|[+-]\d\d:?\d\d)?`;

/** One pattern a format: `y`, `n` (month by number) or `b` (by name), `d`, the time of day, and the zone where it is said. */
const patterns: Readonly<Record<Exclude<TimeFormat, 'none'>, RegExp>> = {
  iso: new RegExp(String.raw`(?<y>\d{4})[-/.](?<n>\d\d)[-/.](?<d>\d\d)[T ]${clock}${zone}`),
  clf: new RegExp(String.raw`\[(?<d>\d\d)/(?<b>[A-Za-z]{3})/(?<y>\d{4}):${clock}${zone}`),
  ctime: new RegExp(String.raw`(?<b>[A-Z][a-z]{2}) +(?<d>\d{1,2}) ${clock}${zone} (?<y>\d{4})`),
  syslog: new RegExp(String.raw`^(?<b>[A-Z][a-z]{2}) +(?<d>\d{1,2}) ${clock}`),
  day_month: new RegExp(String.raw`(?<d>\d{1,2}) (?<b>[A-Z][a-z]{2}) (?<y>\d{4}) ${clock}${zone}`),
};

/** Characters at its beginning where a record says its time. */
const beginning = 256;
const day = 86_400_000;

/** The time that a record says, milliseconds since 1970; undefined where it says none. */
export function timeOf(text: string, format: TimeFormat, { now, offset }: ReadAt): number | undefined {
  if (format === 'none') return undefined;
  const head = text.slice(0, beginning);
  // Newer programs of syslog say the year, too.
  const part = (patterns[format].exec(head) ?? (format === 'syslog' ? patterns.iso.exec(head) : null))?.groups;
  if (!part) return undefined;
  const month = part['n'] === undefined ? months.indexOf((part['b'] ?? '').toLowerCase()) : Number(part['n']) - 1;
  const minutes = part['z'] === undefined ? offset : offsetOf(part['z']);
  const at = (year: number): number =>
    Date.UTC(year, month, Number(part['d']), Number(part['h']), Number(part['m']), Number(part['s'])) +
    Math.floor(Number(`0.${part['f'] ?? 0}`) * 1000) -
    minutes * 60_000;
  if (month < 0 || month > 11 || Number(part['d']) > 31 || Number(part['h']) > 24) return undefined;
  if (part['y'] !== undefined) return at(Number(part['y']));
  // Without a year it is the last such day that is not to come.
  const thisYear = new Date(now).getUTCFullYear();
  return at(thisYear) > now + day ? at(thisYear - 1) : at(thisYear);
}

/** Minutes east of UTC that `Z`, `+0200` or `-05:30` stands for. */
export function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
