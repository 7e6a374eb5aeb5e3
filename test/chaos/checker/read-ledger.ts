import { existsSync, readFileSync } from 'node:fs';
import type { LedgerLine } from './facts.js';

/** The lines of one host's ledger: `NANOSECONDS RUN.STEP PART ATTEMPT begin|end`. @throws Error on any other line */
export function readLedger(host: string, file: string): LedgerLine[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, place) => lineOf(host, place, line));
}

function lineOf(host: string, place: number, text: string): LedgerLine {
  const [, at, run, step, part, attempt, moment] =
    /^(\d{16,20}) ([\w-]+)\.([\w-]+) ([a-z]+) (\d+) (begin|end)$/.exec(text) ?? [];
  if (at === undefined || run === undefined || step === undefined || part === undefined)
    throw new Error(`line ${String(place + 1)} of the ledger of ${host} is none: ${text}`);
  return {
    host,
    place,
    at: Number(at) / 1e9,
    run,
    step,
    part,
    attempt: Number(attempt),
    moment: moment as 'begin' | 'end',
  };
}

/** What the API has answered for, one `run NAME` or `verb ID` a line. */
export function readAcknowledged(file: string): { what: 'run' | 'verb'; id: string }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [what, id] = line.split(' ');
      if ((what !== 'run' && what !== 'verb') || id === undefined) throw new Error(`${file}: ${line}`);
      return { what, id };
    });
}
