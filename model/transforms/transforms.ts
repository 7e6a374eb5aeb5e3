import { setLines, type LineRules } from './lines.js';
import { setProperties } from './properties.js';
import type { KeyRules } from './key-rules.js';
import { setWords } from './words.js';

/** The arguments of a transform once every hole is filled. */
export type ResolvedArguments = { readonly [name: string]: unknown };

/**
 * What the worker puts between capture and do: new content from what was there. The arguments have the shape that
 * the step kind of the same name compiled, with every text filled.
 * @throws Error whose message says, without any value, why the content cannot be edited so
 */
export function applyTransform(name: string, content: Uint8Array, args: ResolvedArguments): Uint8Array {
  const transform = pure[name];
  if (!transform) throw new Error(`there is no transform called ${name}`);
  return transform(content, args);
}

const pure: Readonly<Record<string, (content: Uint8Array, args: ResolvedArguments) => Uint8Array>> = {
  words: (content, args) => setWords(content, args as unknown as KeyRules),
  properties: (content, args) => setProperties(content, args as unknown as KeyRules),
  lines: (content, args) => setLines(content, args as unknown as LineRules),
};
