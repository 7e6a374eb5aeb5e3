import type { Serial } from '../runbook/runbook.js';

/** Hosts that one wave may hold; more would make a step's activity and its history too big. */
const widest = 50;

/**
 * Cuts the hosts of a phase into waves. Without `serial` all go at once; a share is rounded down, to at least one;
 * of a list each size is used once and the last one for all that remain. No wave has more than 50 hosts.
 */
export function wavesOf(hosts: readonly string[], serial: Serial | undefined): string[][] {
  const sizes = serial === undefined ? [hosts.length] : [serial].flat();
  const waves: string[][] = [];
  for (let from = 0; from < hosts.length;) {
    const size = sizes[Math.min(waves.length, sizes.length - 1)] ?? hosts.length;
    const batch = hosts.slice(from, from + count(size, hosts.length));
    waves.push(batch);
    from += batch.length;
  }
  return waves.flatMap(divide);
}

function count(size: number | string, all: number): number {
  if (typeof size === 'number') return Math.max(1, size);
  return Math.max(1, Math.floor((Number.parseInt(size, 10) * all) / 100));
}

function divide(wave: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(wave.length / widest) }, (_, index) =>
    wave.slice(index * widest, (index + 1) * widest),
  );
}
