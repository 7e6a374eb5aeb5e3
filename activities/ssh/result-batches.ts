/** Results on their way to the records: batches of what has ended, while others still go on. */
export interface ResultBatches<T> {
  add(result: T): void;
  /** Writes what is left, and waits for what is being written. Throws where that fails. */
  end(): Promise<void>;
  /** Writes no more: whoever follows finds in the journals what is missing. */
  stop(): void;
}

/**
 * Gathers results so that a slow host does not hide what fast ones came to, and many that end together are one batch.
 * A batch that cannot be written goes into the next one.
 *
 * @param milliseconds - from the first result of a batch until it is written
 */
export function resultBatches<T>(
  write: (results: readonly T[]) => Promise<void>,
  milliseconds = 1000,
): ResultBatches<T> {
  let waiting: T[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let stopped = false;

  const later = (): void => {
    if (!stopped) timer ??= setTimeout(flush, milliseconds);
  };
  const flush = (): void => {
    timer = undefined;
    const batch = waiting;
    waiting = [];
    writing = write(batch).catch(() => {
      waiting = [...batch, ...waiting];
      later();
    });
  };
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
  };
  return {
    add: (result) => {
      waiting.push(result);
      later();
    },
    end: async () => {
      stop();
      await writing;
      if (waiting.length > 0) await write(waiting);
    },
    stop,
  };
}
