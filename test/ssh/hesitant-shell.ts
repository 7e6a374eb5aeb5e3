import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A shell that waits for a file between the fork of a wrapper and its first word, as on a busy host. */
export function hesitantShell(folder: string, shell: readonly string[], gate: string): string {
  const path = join(folder, 'hesitant.sh');
  const wait = `while [ ! -e ${gate} ]; do sleep 0.05; done`;
  const text = [
    '#!/bin/sh',
    `[ "$1" = -c ] || exec ${shell.join(' ')} "$@"`,
    `text=$(printf '%s\n' "$2" | sed 's|^carry() {$|carry() { ${wait}|')`,
    'shift 2',
    `exec ${shell.join(' ')} -c "$text" "$@"`,
  ];
  writeFileSync(path, `${text.join('\n')}\n`, { mode: 0o755 });
  return path;
}
