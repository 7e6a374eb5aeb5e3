import type { TaskState } from '../../../model/states.js';
import type { Colours } from '../colour.js';

/** One sign a state, readable without colours. */
const signs: Readonly<Record<TaskState, string>> = {
  pending: '·',
  running: '▸',
  ok: '=',
  changed: '+',
  failed: '✗',
  unreachable: '!',
  unknown: '?',
  skipped: '-',
  undone: '↶',
  undo_failed: '✗',
};

export function mark(state: TaskState, colours: Colours): string {
  return painted(state, signs[state], colours);
}

/** A text in the colour of a state. */
export function painted(state: TaskState, text: string, colours: Colours): string {
  switch (state) {
    case 'failed':
    case 'undo_failed':
    case 'unknown':
      return colours.red(text);
    case 'unreachable':
      return colours.magenta(text);
    case 'changed':
      return colours.yellow(text);
    case 'ok':
    case 'undone':
      return colours.green(text);
    case 'running':
      return colours.cyan(text);
    default:
      return colours.dim(text);
  }
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
