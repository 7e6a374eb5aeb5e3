import { InvalidArgumentError } from 'commander';

/** Collects `-p key=value`. Values stay text; the runbook's own declaration types them. */
export function collectInput(word: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = word.indexOf('=');
  const key = word.slice(0, Math.max(0, equals));
  if (!/^[a-z][a-z0-9_]*$/.test(key)) throw new InvalidArgumentError('It must look like name=value.');
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`${key} is given twice.`);
  return { ...before, [key]: word.slice(equals + 1) };
}

/** A whole number of at least 1. */
export function positive(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}
