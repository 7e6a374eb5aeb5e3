import { Stop } from '../stop.js';
import { exitCodes } from '../exit-codes.js';

/** Something that Belay needs is not to be had: what, why it is needed, and what to do. */
export class UpRefused extends Stop {
  constructor(what: string, remedy: string, options?: { cause?: unknown }) {
    super(`${what}; ${remedy}`, exitCodes.error, options);
    this.name = 'UpRefused';
  }
}
