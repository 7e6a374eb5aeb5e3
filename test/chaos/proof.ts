import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whole } from './chance.js';
import { head, line } from './markdown-table.js';

/** Where the last whole tables are kept, for readers of the project. */
const folder = 'docs/proofs';

/** What a table is about, and how many rows it has when it is whole. */
export interface ProofTable {
  /** Name of its file, without the ending. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly seed: number;
}

/**
 * A table that a long test fills row by row. With `BELAY_SELFTEST_ALL` it is also kept in a file, which is written anew
 * with every row: a test that is cut short leaves what it has shown.
 */
export class Proof {
  readonly #rows: string[] = [];
  /** Asked for at the beginning: the checkout may have moved on when the table is whole. */
  readonly #revision = whole ? revision() : '';

  constructor(private readonly table: ProofTable) {}

  /** @param named - how many cells say what is shown: a row of a test that is tried again takes the place of the first */
  add(cells: readonly string[], named = cells.length): void {
    const row = line(cells);
    const name = line(cells.slice(0, named)).slice(0, -1);
    const before = this.#rows.findIndex((one) => one.startsWith(name));
    if (before >= 0) this.#rows.splice(before, 1);
    this.#rows.push(row);
    process.stdout.write(`${row}\n`);
    if (whole) this.#keep();
  }

  /** The whole table once more, where the rows between other lines are hard to read. */
  print(): void {
    process.stdout.write(`\n${this.#text()}\n`);
  }

  #keep(): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${this.table.name}.md`), this.#text());
  }

  #text(): string {
    const { title, columns, rows, seed } = this.table;
    const day = new Date().toISOString().slice(0, 10);
    const made = whole ? `Revision ${this.#revision}, ${day}, seed ${String(seed)}` : `A sample, seed ${String(seed)}`;
    const count = `${String(this.#rows.length)} of ${String(rows)} rows`;
    return [`# ${title}`, '', `${made}: ${count}.`, '', ...head(columns), ...this.#rows, ''].join('\n');
  }
}

/** The commit that is checked out, with a `+` where files of the project differ from it. */
export function revision(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', `:!${folder}`) !== '';
  return `${git('rev-parse', 'HEAD')}${changed ? '+' : ''}`;
}
