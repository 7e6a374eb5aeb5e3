import { loop } from './loop.js';
import { output } from './output.js';
import { peers } from './peers.js';
import type { Place } from './place.js';
import { cancel, live } from './promptness.js';
import { scale } from './scale.js';
import { link, upload } from './upload.js';

/** Tells one figure. */
export type Print = (name: string, value: number | string) => void;

/** Measures something on the hosts of a place, with so many counted rounds, and prints what came out. */
export type Measure = (place: Place, rounds: number, print: Print) => Promise<void>;

/** Everything that is measured. */
export const measures: Readonly<Record<string, Measure>> = {
  loop,
  upload,
  link,
  output,
  live,
  cancel,
  scale,
  peers,
};
