/** Bytes of standard input from which on a script waits until it may be sent them. */
const large = 65_536;

/**
 * Few large inputs are on their way at a time. A link that all hosts share carries as much so, and a host works on what
 * it has while others are sent theirs; sent to all at once, all would work at once, while nothing is sent. Where nothing
 * arrives for a while, as by slow links of each host's own, others go as well.
 */
export class InputTurns {
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];
  private waited: NodeJS.Timeout | undefined;

  /**
   * @param atOnce - how many are on their way
   * @param patience - milliseconds without an arrival after which as many more go
   */
  constructor(
    private readonly atOnce = 4,
    private readonly patience = 500,
  ) {}

  /**
   * Does `work` when an input of so many bytes may go. Its turn ends when `work` says that a large one has arrived, and
   * at the latest with it. Whoever is cancelled waits no longer.
   */
  async inTurn<T>(
    bytes: number,
    signal: AbortSignal | undefined,
    work: (arrived?: () => void) => Promise<T>,
  ): Promise<T> {
    if (bytes < large) return work();
    await this.turn(signal);
    let has = false;
    const arrived = (): void => {
      if (has) return;
      has = true;
      this.arrived();
    };
    try {
      return await work(arrived);
    } finally {
      arrived();
    }
  }

  private async turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.underWay < this.atOnce || signal?.aborted) {
      this.underWay += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      const go = (): void => {
        signal?.removeEventListener('abort', cancelled);
        this.underWay += 1;
        resolve();
      };
      const cancelled = (): void => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        go();
      };
      signal?.addEventListener('abort', cancelled, { once: true });
      this.waiting.push(go);
      if (this.waiting.length === 1) this.wait();
    });
  }

  private arrived(): void {
    this.underWay -= 1;
    if (this.underWay < this.atOnce) this.waiting.shift()?.();
    this.wait();
  }

  private wait(): void {
    clearTimeout(this.waited);
    if (this.waiting.length === 0) return;
    this.waited = setTimeout(() => {
      for (const go of this.waiting.splice(0, this.atOnce)) go();
      this.wait();
    }, this.patience);
  }
}
