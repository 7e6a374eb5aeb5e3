import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from './problem.js';

/** The worker's public key, which the worker leaves beside its private one. The API cannot open what is sealed to it. */
export class Recipient {
  readonly #file: string;

  constructor(data: string) {
    this.#file = join(data, 'worker-key.pub');
  }

  /** @throws Problem `secret/no-recipient` until the worker has been started once */
  async read(): Promise<string> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const recipient = text.trim();
    if (/^age1[0-9a-z]+$/.test(recipient)) return recipient;
    throw new Problem(
      'secret/no-recipient',
      `there is no public key in ${this.#file}; the worker writes it when it starts`,
      [],
      {
        'retry-after': '2',
      },
    );
  }
}
