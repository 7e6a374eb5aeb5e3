/** Bytes of one line, beyond which it is none of ours. */
const longestLine = 65_536;
/** Bytes that may wait beyond those that are asked for. */
const mostWaiting = 4 * 1024 * 1024;

/** Bytes that arrive in pieces, taken off by line or by count. What nobody asked for is kept within bounds. */
export class ByteQueue {
  private pieces: Buffer[] = [];
  private length = 0;
  private asked = 0;
  private wanted: (() => void) | undefined;
  private broken: Error | undefined;

  push(piece: Buffer): void {
    if (this.broken) return;
    this.pieces.push(piece);
    this.length += piece.length;
    if (this.length > this.asked + mostWaiting) this.fail(new Error('the host says more than it was asked for'));
    this.wake();
  }

  /** From now on every taking fails with `error`. */
  fail(error: Error): void {
    if (this.length > mostWaiting) this.cut(this.length);
    this.broken ??= error;
    this.wake();
  }

  /** The next line, without its end. */
  async line(): Promise<Buffer> {
    for (;;) {
      const at = this.joined().indexOf(0x0a);
      if (at > longestLine || (at < 0 && this.length > longestLine))
        throw new Error('the host says a line without end');
      if (at >= 0) {
        const line = this.cut(at + 1);
        return line.subarray(0, at);
      }
      await this.more();
    }
  }

  async bytes(count: number): Promise<Buffer> {
    this.asked = count;
    while (this.length < count) await this.more();
    this.asked = 0;
    return this.cut(count);
  }

  private joined(): Buffer {
    if (this.pieces.length !== 1) this.pieces = [Buffer.concat(this.pieces)];
    return this.pieces[0] ?? Buffer.alloc(0);
  }

  private cut(count: number): Buffer {
    const all = this.joined();
    this.pieces = [all.subarray(count)];
    this.length -= count;
    return all.subarray(0, count);
  }

  private async more(): Promise<void> {
    if (this.broken) throw this.broken;
    await new Promise<void>((resolve) => (this.wanted = resolve));
  }

  private wake(): void {
    this.wanted?.();
    this.wanted = undefined;
  }
}
