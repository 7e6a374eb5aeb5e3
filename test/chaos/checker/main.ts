import { parseArgs } from 'node:util';
import { crimes, type Violation } from './facts.js';
import { judge } from './judge.js';
import { readDatabase } from './read-database.js';
import { readDirectory } from './read-directory.js';
import { readHistories } from './read-histories.js';
import { readAcknowledged, readLedger } from './read-ledger.js';

/**
 * Compares what hosts have counted with what Belay's database and Temporal's histories say, and prints every
 * violation of `docs/guarantees.md` with its evidence, then how many there are of each class. Ends with 1 where there
 * is any. `--ledger HOST=FILE` and `--directory HOST=FILE` may come more than once.
 */
const { values } = parseArgs({
  options: {
    database: { type: 'string' },
    temporal: { type: 'string' },
    ledger: { type: 'string', multiple: true, default: [] },
    directory: { type: 'string', multiple: true, default: [] },
    acknowledged: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const { database, temporal, ledger, directory, acknowledged, json } = values;
if (database === undefined || temporal === undefined || ledger.length === 0)
  throw new Error(
    '--database URL --temporal HOST:PORT --ledger HOST=FILE … [--directory HOST=FILE …] [--acknowledged FILE] [--json]',
  );

const facts = {
  ...(await readDatabase(database)),
  histories: await readHistories(temporal),
  ledger: ledger.flatMap((one) => readLedger(...hostAndFile(one))),
  directory: directory.flatMap((one) => readDirectory(...hostAndFile(one))),
  acknowledged: acknowledged === undefined ? [] : readAcknowledged(acknowledged),
};
const violations = judge(facts);
process.stdout.write(json ? `${JSON.stringify({ seen: seen(), violations })}\n` : text(violations));
process.exitCode = violations.length > 0 ? 1 : 0;

function hostAndFile(word: string): [host: string, file: string] {
  const [host = '', ...file] = word.split('=');
  return [host, file.join('=')];
}

/** How much was looked at: a checker that has read nothing finds nothing. */
function seen(): Record<string, number> {
  return {
    runs: facts.runs.length,
    lines: facts.ledger.length,
    'changes of directories': facts.directory.length,
    histories: facts.histories.length,
    endings: facts.histories.flatMap((one) => one.endings).length,
    acknowledged: facts.acknowledged.length,
  };
}

function text(found: readonly Violation[]): string {
  const evidence = found.map(({ crime, run, evidence: what }) => `${crime}: ${run}: ${what}`);
  const counts = crimes.map((crime) => `${crime} ${String(found.filter((one) => one.crime === crime).length)}`);
  const read = Object.entries(seen()).map(([what, number]) => `${String(number)} ${what}`);
  return [...evidence, `read: ${read.join(', ')}`, counts.join(', '), ''].join('\n');
}
