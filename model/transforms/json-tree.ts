/**
 * JSON with the place of every value in its text, so that one value can be replaced and all else keeps its bytes:
 * big integers, escapes, the order of keys, white space. Duplicate keys are refused, for nobody can say which counts.
 */
export type JsonNode = Place &
  (
    | { readonly type: 'object'; readonly members: readonly Member[] }
    | { readonly type: 'array'; readonly items: readonly JsonNode[] }
    | { readonly type: 'string'; readonly value: string }
    | { readonly type: 'number' | 'literal' }
  );

/** Offsets of the value's first character and of what follows it. */
interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Member {
  readonly name: string;
  /** Where the name's opening quote stands. */
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly value: JsonNode;
}

/** JSON text that cannot be read or set; its message never holds a value of the text. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';

  constructor(
    message: string,
    /** Where in the text, where it can be told. */
    readonly offset?: number,
  ) {
    super(message);
  }
}

/** Levels of nesting that are read; far beyond what people write, well within the stack. */
const deepest = 256;

/** @throws JsonTextError for text that is not JSON, has a key twice in one object, or is nested beyond 256 levels */
export function parseJson(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.value(0);
  reader.end();
  return node;
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literal = /true|false|null/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): JsonNode {
    if (depth > deepest) throw this.wrong(`is nested deeper than ${deepest} levels`);
    this.take(space);
    const start = this.at;
    const first = this.text[start];
    if (first === '{') return this.object(start, depth);
    if (first === '[') return this.array(start, depth);
    if (first === '"') return { type: 'string', value: this.string(), start, end: this.at };
    if (this.take(number) !== '') return { type: 'number', start, end: this.at };
    if (this.take(literal) !== '') return { type: 'literal', start, end: this.at };
    throw this.wrong('has no value');
  }

  end(): void {
    this.take(space);
    if (this.at !== this.text.length) throw this.wrong('goes on after its end');
  }

  private object(start: number, depth: number): JsonNode {
    const members: Member[] = [];
    const names = new Set<string>();
    this.list('}', () => {
      const member = this.member(depth);
      if (names.has(member.name)) throw this.wrong(`has the key ${JSON.stringify(member.name)} twice in one object`);
      names.add(member.name);
      members.push(member);
    });
    return { type: 'object', members, start, end: this.at };
  }

  private member(depth: number): Member {
    this.take(space);
    const nameStart = this.at;
    const name = this.string();
    const nameEnd = this.at;
    this.take(space);
    if (this.text[this.at] !== ':') throw this.wrong('lacks a ":"');
    this.at++;
    return { name, nameStart, nameEnd, value: this.value(depth + 1) };
  }

  private array(start: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.list(']', () => items.push(this.value(depth + 1)));
    return { type: 'array', items, start, end: this.at };
  }

  private list(close: string, item: () => void): void {
    this.at++;
    this.take(space);
    for (let first = true; this.text[this.at] !== close; first = false) {
      if (!first) {
        if (this.text[this.at] !== ',') throw this.wrong(`lacks a "," or "${close}"`);
        this.at++;
      }
      item();
      this.take(space);
    }
    this.at++;
  }

  private string(): string {
    const raw = this.take(string);
    if (raw === '') throw this.wrong('lacks a string');
    return JSON.parse(raw) as string;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private wrong(how: string): JsonTextError {
    return new JsonTextError(`the JSON text ${how} (character ${this.at + 1})`, this.at);
  }
}
