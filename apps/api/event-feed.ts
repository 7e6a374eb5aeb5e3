import { listenEvents, type Listening } from '../../database/events.js';

/** Rings once something new may be read. Rung while nobody waits, it is heard by the next who does. */
export interface Bell {
  /** Resolves at the next ring, or after `milliseconds`, or when `signal` is aborted. */
  heard(milliseconds: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** One listening connection to Postgres for all who follow runs. */
export class EventFeed {
  readonly #bells = new Map<string, Set<() => void>>();
  #listening: Listening | undefined;

  static async open(databaseUrl: string): Promise<EventFeed> {
    const feed = new EventFeed();
    feed.#listening = await listenEvents(databaseUrl, { onRun: (run) => feed.#ring(run) });
    return feed;
  }

  bell(run: string): Bell {
    const ringers = this.#bells.get(run) ?? new Set();
    this.#bells.set(run, ringers);
    let rung = false;
    let wake: () => void = () => undefined;
    const ring = (): void => {
      rung = true;
      wake();
    };
    ringers.add(ring);
    const heard = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
      if (!rung && !signal.aborted) await wait(milliseconds, signal, (resolve) => (wake = resolve));
      rung = false;
    };
    return { heard, close: () => this.#forget(run, ring) };
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  /** After a lost connection anything may have been missed: `undefined` rings every bell. */
  #ring(run: string | undefined): void {
    const ringers = run === undefined ? [...this.#bells.values()] : [this.#bells.get(run) ?? []];
    for (const ring of ringers.flatMap((some) => [...some])) ring();
  }

  #forget(run: string, ring: () => void): void {
    const ringers = this.#bells.get(run);
    ringers?.delete(ring);
    if (ringers?.size === 0) this.#bells.delete(run);
  }
}

function wait(milliseconds: number, signal: AbortSignal, waker: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
    waker(done);
  });
}
