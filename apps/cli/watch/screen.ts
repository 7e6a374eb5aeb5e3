import type { World } from '../world.js';

/** Lines that are painted over in place on a terminal. */
export class Screen {
  #painted = 0;

  constructor(private readonly out: World['out']) {}

  paint(lines: readonly string[]): void {
    const up = this.#painted > 0 ? `\x1b[${this.#painted}A` : '';
    const body = lines.map((line) => `\x1b[2K${line}\n`).join('');
    this.out.write(`${up}\r${body}\x1b[J`);
    this.#painted = lines.length;
  }

  /** Leaves what is painted, and goes on below it. */
  release(): void {
    this.#painted = 0;
  }
}
