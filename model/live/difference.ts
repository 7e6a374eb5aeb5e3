import { structuredPatch } from 'diff';

/** Characters of a diff that are kept; what is cut off is said. */
const longest = 64 * 1024;

/** Names of settings that speak of a secret; what stands behind them is not shown, whoever set it. */
const speaksOfASecret =
  /^([\s"']*[\w.-]*(?:pass(?:word|wd|phrase)?|secret|auth|credential|token|(?:private|api|access)[_-]?key|salt|pin)["']?)(\s*[:= ]\s*)\S.*$/i;

export interface Shown {
  /** A text with every secret of the task masked. */
  readonly masked: (text: string) => string;
  /** Whether the step deals with secrets: then only lines that change are shown, and what a secret replaces is not. */
  readonly secret: boolean;
}

/**
 * A unified diff of two texts for people, without secrets: known ones are masked; where a line gets a secret, what it
 * replaces may be an older one and is hidden; settings whose names speak of a secret are shown by name alone; of a
 * text with a private key nothing is shown.
 *
 * @param before - undefined where there is nothing yet
 */
export function unifiedDiff(name: string, before: string | undefined, after: string, shown: Shown): string {
  if ([before ?? '', after].some((text) => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)))
    return heading(name, before) + '(holds a private key; not shown)\n';
  const context = shown.secret ? 0 : 3;
  const { hunks } = structuredPatch(name, name, before ?? '', after, '', '', { context });
  const lines = hunks.flatMap((hunk) => [
    `@@ -${place(hunk.oldStart, hunk.oldLines)} +${place(hunk.newStart, hunk.newLines)} @@`,
    ...hunkLines(hunk.lines, shown),
  ]);
  return cut(heading(name, before) + lines.map((line) => `${line}\n`).join(''));
}

/** Of content that is no text only the sizes are told. */
export function bytesDiff(name: string, before: Uint8Array | undefined, after: Uint8Array): string {
  return `${heading(name, before)}(${before?.length ?? 0} bytes become ${after.length}; not text)\n`;
}

/** Of no lines, the place is the line before them. */
function place(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function heading(name: string, before: unknown): string {
  return `--- ${before === undefined ? '/dev/null' : name}\n+++ ${name}\n`;
}

function hunkLines(lines: readonly string[], { masked }: Shown): string[] {
  const getsSecret = lines.some((line) => line.startsWith('+') && masked(line) !== line);
  return lines.map((line) => {
    const [sign = '', text] = [line.slice(0, 1), line.slice(1)];
    if (sign === '-' && getsSecret) return '-(not shown: a secret takes its place)';
    return sign + masked(text).replace(speaksOfASecret, '$1$2***');
  });
}

function cut(diff: string): string {
  if (diff.length <= longest) return diff;
  return `${diff.slice(0, longest)}\n(${diff.length - longest} more characters)\n`;
}
