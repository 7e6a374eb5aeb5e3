import { Stop } from '../stop.js';
import { exitCodes } from '../exit-codes.js';

/** Something that Belay needs is not to be had: what, why it is needed, and what to do. */
export class UpRefused extends Stop {
  constructor(what: string, remedy: string, options?: { cause?: unknown }) {
    super(`${what}; ${remedy}`, exitCodes.error, options);
    this.name = 'UpRefused';
  }
}

/** Somebody else has taken a port between our choice and our child's first use of it. Others can be tried. */
export class PortTaken extends UpRefused {
  constructor(
    readonly child: string,
    readonly port: number,
  ) {
    super(`port ${String(port)}, meant for ${child}, is used by another program`, 'end that program and start again');
    this.name = 'PortTaken';
  }
}
