import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { readyOperation } from '../../activities/http/ready-request.js';
import { computeJson } from '../../activities/ldap/intend-json.js';
import type { Filler } from '../../activities/ssh/needs.js';
import { transformContent } from '../../apps/worker/wiring/transform-content.js';
import { fillText } from '../../model/expression/fill.js';
import { wholeOf, withKnown } from '../../model/holes.js';
import type { HttpOperation, Transform } from '../../model/operation.js';
import { setInJson } from '../../model/transforms/json-text.js';
import type { Template, Value } from '../../model/value.js';
import { compileStep } from '../steps/cases.js';

/** A text of these pieces, of which the run resolves expressions. */
const template = (...pieces: readonly (string | { readonly run: string })[]): Template => ({
  template: pieces.map((piece) => (typeof piece === 'string' ? piece : { expression: piece.run, sees: 'run' })),
});
const alone = template({ run: 'steps.a.found' });
const inText = template('port ', { run: 'steps.a.found' });

/** Fills texts as a worker does once the run knows what `steps.a.found` is. */
function knowing(found: Value): Filler & { readonly when: true } {
  const known = new Map([['steps.a.found', typeof found === 'string' ? found : JSON.stringify(found)]]);
  return {
    when: true,
    fill: (text) => ({ value: fillText(withKnown(text, known), {}), secret: false }),
    whole: (text) => wholeOf(text, { 'steps.a.found': found }),
    secrets: [],
  };
}

const transformOf = (format: string, set: unknown): Transform => {
  const compiled = compileStep({ edit: { file: '/f', format, set } });
  if (compiled.on !== 'host' || !compiled.transform) throw new Error('edit has a transform');
  return compiled.transform;
};
const edited = async (transform: Transform, before: string, found: Value): Promise<string> =>
  Buffer.from(await transformContent(transform, Buffer.from(before), knowing(found))).toString('utf8');
const request = (json: Template): HttpOperation => ({
  on: 'http',
  request: {
    method: 'POST',
    url: 'https://a.test/',
    headers: {},
    json: { at: json },
    expect: { status: 'success', json: { '/at': json as never } },
  },
  refused: [],
});

/** Where a value may be written that only the run knows, and what is read there afterwards. */
const places: Readonly<Record<string, (value: Template, found: Value) => unknown>> = {
  'JSON of a directory': (value, found) => {
    const change = { how: 'json', attribute: 'oxIDPAuthentication', set: [{ pointer: '/at', value }] } as const;
    const about = { needs: { setInJson }, values: knowing(found), tried: 'to set it' };
    return (JSON.parse(computeJson(change, Buffer.from('{"at":[]}'), about)) as { at: unknown }).at;
  },
  'a JSON file': async (value, found) =>
    (JSON.parse(await edited(transformOf('json', { '/at': value }), '{"at":[]}', found)) as { at: unknown }).at,
  'a YAML file': async (value, found) =>
    (parse(await edited(transformOf('yaml', { '/at': value }), 'at: []\n', found)) as { at: unknown }).at,
  'the JSON of a request': (value, found) =>
    (JSON.parse(readyOperation(request(value), knowing(found)).request.body.toString()) as { at: unknown }).at,
  'what the JSON of an answer must hold': (value, found) =>
    readyOperation(request(value), knowing(found)).request.expect.json['/at'],
};

describe.each(Object.entries(places))('A value that only the run knows, in %s', (_, written) => {
  it.each([[['a:1636', 'b:1636']], [3], [true], ['a:1636'], [{ a: 1 }], [null]])(
    'is %j there as it is in the run',
    async (found) => {
      expect(await written(alone, found)).toEqual(found);
    },
  );

  it('is a piece of a longer text where it stands in one', async () => {
    expect(await written(inText, 1636)).toBe('port 1636');
  });
});

describe('A value that only the run knows', () => {
  it('is text in a file of words, where every value is', async () => {
    expect(await edited(transformOf('words', { value: alone }), 'value 1\n', 3)).toBe('value 3\n');
  });

  it('is text in JSON where the plan was made when it was', async () => {
    const old: Transform = { name: 'json', arguments: { set: [{ pointer: '/at', text: alone }], unset: [] } };
    expect(await edited(old, '{"at":1}', 3)).toBe('{"at":"3"}');
  });
});
