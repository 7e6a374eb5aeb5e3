import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * How a wire fails. `drop`: nothing comes through, in either direction, and nobody is told. `reset`: both ends are
 * reset. `half-close`: the near end hears that the far one has finished. `trickle`: a byte each 20 ms. `cut after`: both
 * ends close after some more bytes of the far end, `cut before`: of the near end. `hold`: as `drop`, until it heals.
 */
export type WireFault = 'drop' | 'reset' | 'half-close' | 'trickle' | 'cut after' | 'cut before' | 'hold';

export interface Strike {
  readonly fault: WireFault;
  /** Of `cut after`, `cut before` and `hold`: bytes that still get through. */
  readonly bytes?: number;
  /** Strikes one of the coming connections alone, 1 the next one; those that are open stay whole. */
  readonly coming?: number;
}

/** A TCP wire that fails on command. Connections made while it drops are dropped too; once healed, new ones are whole. */
export interface Wire {
  readonly port: number;
  strike(strike: Strike): void;
  heal(): void;
  /** How many connections the last strike has hit. */
  struck(): number;
  close(): Promise<void>;
}

class Link {
  private left = Infinity;
  private fault: WireFault | undefined;
  private readonly held: [to: Socket, bytes: Buffer][] = [];
  private trickling: NodeJS.Timeout | undefined;

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
    private readonly hit: () => void,
  ) {
    near.on('data', (bytes) => this.pass('cut before', this.far, bytes));
    far.on('data', (bytes) => this.pass('cut after', this.near, bytes));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.on('end', () => this.fault === undefined && other.end());
      one.on('close', () => this.closed(other));
    }
  }

  strike({ fault, bytes = 0 }: Strike): void {
    this.fault = fault;
    this.left = bytes;
    if (fault.startsWith('cut') || (fault === 'hold' && bytes > 0)) return;
    this.hit();
    if (fault === 'reset') for (const socket of [this.near, this.far]) socket.resetAndDestroy();
    if (fault === 'half-close') this.near.end();
    if (fault === 'trickle') this.trickling = setInterval(() => this.oneByte(), 20);
  }

  heal(): void {
    clearInterval(this.trickling);
    const lasting = this.fault === 'drop' || this.fault === 'half-close';
    if (!lasting) this.fault = undefined;
    for (const [to, bytes] of this.held.splice(0)) if (!lasting) to.write(bytes);
  }

  destroy(): void {
    clearInterval(this.trickling);
    for (const socket of [this.near, this.far]) socket.destroy();
  }

  private pass(cut: 'cut before' | 'cut after', to: Socket, bytes: Buffer): void {
    switch (this.fault) {
      case undefined:
        return void to.write(bytes);
      case 'cut before':
      case 'cut after':
        return this.fault === cut ? this.cut(to, bytes) : void to.write(bytes);
      case 'hold':
        return this.hold(to, bytes);
      case 'trickle':
        return to === this.near ? void this.held.push([to, bytes]) : void to.write(bytes);
      case 'half-close':
        return to === this.far ? void to.write(bytes) : undefined;
      case 'drop':
      case 'reset':
        return undefined;
    }
  }

  private cut(to: Socket, bytes: Buffer): void {
    to.write(bytes.subarray(0, this.left));
    this.left -= bytes.length;
    if (this.left > 0) return;
    this.hit();
    this.near.destroySoon();
    this.far.destroySoon();
  }

  /** Counts what the near end sends; from then on both directions wait. */
  private hold(to: Socket, bytes: Buffer): void {
    if (this.left <= 0) return void this.held.push([to, bytes]);
    to.write(bytes);
    if (to !== this.far) return;
    this.left -= bytes.length;
    if (this.left <= 0) this.hit();
  }

  private oneByte(): void {
    const [first] = this.held;
    if (!first) return;
    first[0].write(first[1].subarray(0, 1));
    first[1] = first[1].subarray(1);
    if (first[1].length === 0) this.held.shift();
  }

  /** A firewall that drops tells nobody of the other end's going either. */
  private closed(other: Socket): void {
    clearInterval(this.trickling);
    if (this.fault !== 'drop' && this.fault !== 'hold') other.destroy();
  }
}

export async function startWire(to: { host: string; port: number }, at: { host: string; port: number }): Promise<Wire> {
  const links = new Set<Link>();
  let now: Strike | undefined;
  let struck = 0;
  let countdown = 0;
  const listener = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, allowHalfOpen: true });
    const link = new Link(near, far, () => (struck += 1));
    links.add(link);
    // What is closed at both ends cannot be struck.
    for (const socket of [near, far]) socket.on('close', () => near.closed && far.closed && links.delete(link));
    if (now?.coming === undefined ? now?.fault === 'drop' : (countdown -= 1) === 0) link.strike(now!);
  }).listen(at.port, at.host);
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    strike: (strike) => {
      struck = 0;
      now = strike;
      countdown = strike.coming ?? 0;
      if (strike.coming === undefined) for (const link of links) link.strike(strike);
    },
    heal: () => {
      now = undefined;
      for (const link of links) link.heal();
    },
    struck: () => struck,
    close: async () => {
      for (const link of links) link.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
