import { inspect } from 'node:util';

const shown = '[secret]';

/** A secret in memory. It prints as `[secret]` everywhere; only {@link SecretValue.open} gives what is in it. */
export class SecretValue<T extends string | { readonly certificate: string; readonly key: string } = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  open(): T {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
