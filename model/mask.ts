import { automatonOf } from './mask/automaton.js';
import { formsOf } from './mask/forms.js';
import { plainScan, wrappedScan, type Scan } from './mask/scan.js';

/** Masks one stream. What goes in comes out in the same order and length, with every byte of a secret as `*`. */
export interface StreamMasker {
  /** The bytes that are certain so far: what could still become a secret is held back. */
  push(bytes: Uint8Array): Uint8Array;
  /** What was held back. */
  end(): Uint8Array;
}

/** Compiled once a set of secrets, used for any number of streams. */
interface Mask {
  stream(): StreamMasker;
  /** A whole text, masked; it keeps its number of bytes, not of characters. */
  text(text: string): string;
}

const star = 42;

/**
 * Masks `secrets` in every form that {@link formsOf} lists, wherever chunks begin and end. Secrets of fewer than
 * six characters are not masked: the run makes none so short, and for stored ones it is said in the documents.
 */
export function maskOf(secrets: readonly string[]): Mask {
  const forms = secrets.map(formsOf);
  const plain = automatonOf(forms.flatMap((one) => one.plain));
  const wrapped = automatonOf(forms.flatMap((one) => one.wrapped));
  const scans = (): Scan[] => [...(plain ? [plainScan(plain)] : []), ...(wrapped ? [wrappedScan(wrapped)] : [])];
  const stream = (): StreamMasker => streamMasker(scans());
  return { stream, text: (text) => whole(stream(), text) };
}

const compiled = new WeakMap<readonly string[], Mask>();

/** A masker for one stream; the same list of secrets is compiled once. */
export function createMasker(secrets: readonly string[]): StreamMasker {
  const mask = compiled.get(secrets) ?? maskOf(secrets);
  compiled.set(secrets, mask);
  return mask.stream();
}

function streamMasker(scans: readonly Scan[]): StreamMasker {
  let held: Uint8Array = new Uint8Array();
  let marks: Uint8Array = new Uint8Array();
  const take = (bytes: Uint8Array): void => {
    const from = held.length;
    held = joined(held, bytes);
    marks = joined(marks, new Uint8Array(bytes.length));
    for (const scan of scans) scan.over(held, from, marks);
  };
  const give = (count: number): Uint8Array => {
    const out = starred(held.subarray(0, count), marks);
    held = held.slice(count);
    marks = marks.slice(count);
    return out;
  };
  return {
    push: (bytes) => {
      take(bytes);
      return give(held.length - Math.max(0, ...scans.map((scan) => scan.undecided(held))));
    },
    end: () => give(held.length),
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function starred(bytes: Uint8Array, marks: Uint8Array): Uint8Array {
  const out = bytes.slice();
  for (let index = marks.indexOf(1); index >= 0 && index < out.length; index = marks.indexOf(1, index + 1))
    out[index] = star;
  return out;
}

function whole(masker: StreamMasker, text: string): string {
  const bytes = joined(masker.push(new TextEncoder().encode(text)), masker.end());
  return new TextDecoder().decode(bytes);
}
