// cspell:ignore jsonx
import { describe, expect, it } from 'vitest';
import { isPointer, maskJson, readPointer, setInJson } from '../../model/transforms/json-text.js';

const set = (text: string, pointer: string, value: Parameters<typeof setInJson>[1][number]['value']): string =>
  setInJson(text, [{ pointer, value }]);

describe('Setting a value inside JSON text', () => {
  it('keeps all else to the byte: big integers, escapes, order, white space', () => {
    const text = '{ "b" : 12345678901234567890,\n\t"a":"\\u00e9\\/",  "c": 1.50e+3 , "x":1}';
    expect(set(text, '/x', 2)).toBe('{ "b" : 12345678901234567890,\n\t"a":"\\u00e9\\/",  "c": 1.50e+3 , "x":2}');
  });

  it('leaves a value that is already so in its own spelling', () => {
    const text = '{"a":"\\u0041","n":1.0,"o":{"y":[1, 2],"x":null}}';
    expect(set(text, '/a', 'A')).toBe(text);
    expect(set(text, '/n', 1)).toBe(text);
    expect(set(text, '/o', { x: null, y: [1, 2] })).toBe(text);
  });

  it('does not take a big integer for its rounded neighbour', () => {
    expect(set('{"n":9007199254740993}', '/n', 9007199254740992)).toBe('{"n":9007199254740992}');
  });

  it('adds a missing member in the layout of the others', () => {
    expect(set('{\n  "a": 1\n}', '/b', true)).toBe('{\n  "a": 1,\n  "b": true\n}');
    expect(set('{"a":1}', '/b', 'x')).toBe('{"a":1,"b":"x"}');
    expect(set('{ }', '/b', 1)).toBe('{"b":1 }');
  });

  it('appends to an array, and replaces in it', () => {
    expect(set('{"a":[1, 2]}', '/a/-', 3)).toBe('{"a":[1, 2, 3]}');
    expect(set('{"a":[]}', '/a/-', 3)).toBe('{"a":[3]}');
    expect(set('[1,2]', '/0', 9)).toBe('[9,2]');
  });

  it('leaves an array alone that has such an item, however it is spelt', () => {
    const text = '{"a":["\\u0041", {"y":1, "x":[2]}]}';
    expect(set(text, '/a/-', 'A')).toBe(text);
    expect(set(text, '/a/-', { x: [2], y: 1 })).toBe(text);
    expect(set(text, '/a/-', 'B')).toBe('{"a":["\\u0041", {"y":1, "x":[2]}, "B"]}');
    expect(set('{"s":"{\\"l\\":[1]}"}', '/s/~json/l/-', 1)).toBe('{"s":"{\\"l\\":[1]}"}');
  });

  it('goes into JSON text inside a string, and into another inside that, and keeps the spelling around', () => {
    const text = '{"config":"{\\"s\\":\\"a\\\\/b\\",\\u0022n\\":\\"{\\\\\\"k\\\\\\":1}\\"}","z":1}';
    const once = set(text, '/config/~json/s', 'new');
    expect(once).toBe('{"config":"{\\"s\\":\\"new\\",\\u0022n\\":\\"{\\\\\\"k\\\\\\":1}\\"}","z":1}');
    const twice = set(once, '/config/~json/n/~json/k', 'quote " and \\');
    expect(readPointer(twice, '/config/~json/n/~json/k')).toBe('quote " and \\');
    expect(readPointer(twice, '/config/~json/s')).toBe('new');
    expect(twice.startsWith('{"config":"{\\"s\\":\\"new\\",\\u0022n\\":')).toBe(true);
  });

  it('knows the escapes of pointers, and keys that look strange', () => {
    const text = '{"a/b":1,"m~n":2,"":3,"~json":4,"__proto__":5}';
    expect(set(text, '/a~1b', 9)).toContain('"a/b":9');
    expect(set(text, '/m~0n', 9)).toContain('"m~n":9');
    expect(set(text, '/', 9)).toContain('"":9');
    expect(set(text, '/~0json', 9)).toContain('"~json":9');
    expect(set(text, '/__proto__', 9)).toContain('"__proto__":9');
  });

  it('replaces the whole', () => {
    expect(set(' {"a":1} ', '', { b: 2 })).toBe(' {"b":2} ');
  });

  it('takes a surrogate pair for two escapes and one character', () => {
    expect(set('{"s":"{\\"e\\":\\"\\ud83d\\ude00\\",\\"k\\":1}"}', '/s/~json/k', 2)).toBe(
      '{"s":"{\\"e\\":\\"\\ud83d\\ude00\\",\\"k\\":2}"}',
    );
  });

  it.each([
    ['a duplicate key', '{"a":1,"\\u0061":2}', '/a', 'twice'],
    ['a duplicate key inside a string', '{"s":"{\\"a\\":1,\\"a\\":2}"}', '/s/~json/a', 'twice'],
    ['text that is no JSON', "{'a':1}", '/a', 'lacks a string'],
    ['text after the end', '{"a":1} x', '/a', 'after its end'],
    ['a trailing comma', '[1,]', '/0', 'has no value'],
    ['a leading zero', '[01]', '/0', 'lacks a ","'],
    ['a way that does not exist', '{"a":{}}', '/b/c', 'nothing at "b"'],
    ['an index beyond the array', '[1]', '/1', 'no place called "1"'],
    ['going into what is no string', '{"a":1}', '/a/~json/b', 'not a string'],
    ['a pointer that is none', '{"a":1}', 'a', 'not a JSON pointer'],
    ['nesting without end', '['.repeat(20_000), '/0', 'nested deeper'],
  ])('refuses %s', (_, text, pointer, message) => {
    expect(() => set(text, pointer, 1)).toThrow(message);
  });

  it('names no value in its errors', () => {
    expect(() => set('{"password":"hunter2","password":"hunter3"}', '/x', 1)).not.toThrow('hunter');
    expect(() => set('{"password":"hunter2', '/x', 1)).not.toThrow('hunter');
  });
});

describe('Reading a value inside JSON text', () => {
  it('gives the value, or nothing', () => {
    expect(readPointer('{"a":[{"b":"x"}]}', '/a/0/b')).toBe('x');
    expect(readPointer('{"a":[{"b":"x"}]}', '/a/1/b')).toBeUndefined();
    expect(readPointer('{"a":{"toString":1}}', '/a/constructor')).toBeUndefined();
  });

  it('refuses a number that would lose digits', () => {
    expect(() => readPointer('{"a":9007199254740993}', '/a')).toThrow('more digits');
  });

  it('tells pointers from other texts', () => {
    expect(['', '/', '/a/~json/b', '/a~1b', '/~json'].every(isPointer)).toBe(true);
    expect(['a', '/a~2', '/~jsonx', '/x~json'].some(isPointer)).toBe(false);
  });
});

describe('Showing JSON text', () => {
  it('hides what is named and what speaks of a secret, also inside strings', () => {
    const text =
      '{"servers":"a:1","password":"p1","x":"p2","config":"{\\"bindPassword\\":\\"p3\\",\\"port\\":1}","list":[{"apiKey":null}]}';
    const shown = maskJson(text, ['/x', '/missing']);
    expect(shown).not.toMatch(/p[123]/);
    expect(shown).toContain('"servers":"a:1"');
    expect(shown).toContain('\\"port\\":1');
    expect(readPointer(shown, '/list/0/apiKey')).toBe('***');
  });

  it('hides text that is no JSON as a whole', () => {
    expect(maskJson('password=hunter2')).toBe('***');
  });
});
