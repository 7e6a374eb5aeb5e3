const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** A length of time as people write it: `500ms`, `30s`, `2h`, `1h30m`. */
const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** Seconds of a duration such as `1h30m`; undefined where `text` is none. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text) || text.length > 64) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  const milliseconds = [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? 's'] ?? 1) * 1000,
    0,
  );
  return Math.round(milliseconds) / 1000;
}

/** Seconds as people write them: 5400 becomes `1h30m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  const rest = Math.round((seconds - whole) * 1000);
  const pieces = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'm'],
    [whole % 60, 's'],
    [rest, 'ms'],
  ] as const;
  return (
    pieces
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join('') || '0s'
  );
}
