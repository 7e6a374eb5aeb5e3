import type { ApiClient } from '../api-client.js';
import { outputFrom } from '../copy-output.js';
import type { Picture } from './picture.js';

/** Running tasks whose output is looked at; more do not fit a screen. */
const most = 8;

/** The last line that each running task has written, looked up in turns. */
export class Tails {
  readonly lines = new Map<string, string>();
  readonly #read = new Map<string, number>();

  constructor(
    private readonly client: ApiClient,
    private readonly run: string,
  ) {}

  async look(picture: Picture): Promise<void> {
    const running = [...picture.tasks].filter(([, task]) => task.state === 'running').slice(0, most);
    for (const key of this.lines.keys()) if (!running.some(([one]) => one === key)) this.lines.delete(key);
    await Promise.all(running.map(([key, task]) => this.#lookAt(key, task.attempt)));
  }

  /** What cannot be read now is read at the next look: a tail is an extra. */
  async #lookAt(key: string, attempt: number): Promise<void> {
    const [step = '', host = ''] = key.split('@');
    const place = `${key}#${attempt}`;
    const wish = { run: this.run, step, host, stream: 'stdout', part: 'do', attempt } as const;
    try {
      for await (const bytes of outputFrom(this.client, wish, this.#read.get(place) ?? 0)) {
        this.#read.set(place, (this.#read.get(place) ?? 0) + bytes.length);
        const last = Buffer.from(bytes).toString('utf8').trimEnd().split('\n').at(-1);
        if (last !== undefined && last !== '') this.lines.set(key, last.slice(-500));
      }
    } catch {
      return;
    }
  }
}
