import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crimes, type Crime, type Violation } from '../checker/facts.js';
import { directoryHost, nodes, type Ground } from './ground.js';

/** What the checker has seen and found. */
export interface Checked {
  readonly seen: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

/** Has the checker, a program of its own, judge everything that has happened on this ground. */
export async function check(ground: Ground, ledgers: (host: string) => string = ground.ledger): Promise<Checked> {
  const words = [
    join(import.meta.dirname, '..', 'checker', 'main.js'),
    ...['--database', ground.belay.stack.databaseUrl, '--temporal', ground.belay.stack.temporalAddress, '--json'],
    ...['--acknowledged', ground.acknowledged],
    ...nodes.flatMap((host) => ['--ledger', `${host}=${ledgers(host)}`]),
    ...['--directory', `${directoryHost}=${ledgers(directoryHost)}`],
  ];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString('utf8')));
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return JSON.parse(output) as Checked;
}

type Plant = (lines: string[]) => string[];
const isDo = (line: string): boolean => / do \d+ begin$/.test(line);

/** Changes to a ledger after which the checker must find a violation of this class. */
const plants: Readonly<Record<Crime, Plant>> = {
  lost: (lines) => lines.filter((line) => !/\.first do /.test(line)),
  phantom: (lines) => [...lines, lines.find(isDo)!.replace(/\.first do/, '.never do')],
  doubled: (lines) => [...lines, lines.find(isDo)!],
  'out of order': (lines) => [...lines, lines.find(isDo)!.replace(' do ', ' check ')],
};

/** Changes to the log of a directory, a record each and its lines not folded, which begins with a run's own change. */
export const directoryPlants: Readonly<Record<Crime, Plant>> = {
  lost: ([, ...others]) => others,
  phantom: ([first = '', ...others]) => [
    first.replaceAll(/"cacheProviderType":"[^"]*"/g, '"cacheProviderType":"NOBODY"'),
    first,
    ...others,
  ],
  doubled: ([first = '', ...others]) => [first, first, ...others],
  'out of order': ([first = '', ...others]) => [first.replace(/^(# \w+ )\d+/, '$19999999999'), ...others],
};

/**
 * Shows the checker a ledger, and a directory's log, with a violation of each class.
 *
 * @returns the classes that it missed
 */
export async function plantedViolations(ground: Ground): Promise<Crime[]> {
  const missed = new Set<Crime>();
  const file = join(ground.folder, 'planted');
  const shown = async (crime: Crime, host: string, text: string): Promise<void> => {
    writeFileSync(file, text);
    const { violations } = await check(ground, (one) => (one === host ? file : ground.ledger(one)));
    if (!violations.some((one) => one.crime === crime)) missed.add(crime);
  };
  const [node = ''] = nodes;
  for (const crime of crimes) {
    const lines = readFileSync(ground.ledger(node), 'utf8').split('\n').filter(Boolean);
    await shown(crime, node, `${plants[crime](lines).join('\n')}\n`);
    const records = readFileSync(ground.ledger(directoryHost), 'utf8')
      .replaceAll('\n ', '')
      .split(/(?=^# (?!end ))/m);
    await shown(crime, directoryHost, directoryPlants[crime](records).join(''));
  }
  return [...missed];
}
