/** Masks one stream. What goes in comes out in the same order and length, with every byte of a secret as `*`. */
export interface StreamMasker {
  /** The bytes that are certain so far: what could still become a secret is held back. */
  push(bytes: Uint8Array): Uint8Array;
  /** What was held back. */
  end(): Uint8Array;
}

/** Compiled once a set of secrets, used for any number of streams. */
export interface Mask {
  stream(): StreamMasker;
  /** A whole text, masked. */
  text(text: string): string;
}

export function maskOf(_secrets: readonly string[]): Mask {
  throw new Error('not built yet');
}
