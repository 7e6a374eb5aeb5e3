import { describe, expect, it } from 'vitest';
import { computeJson } from '../../activities/ldap/intend-json.js';
import { fillText } from '../../model/expression/fill.js';
import { wholeOf, withKnown } from '../../model/holes.js';
import { setInJson } from '../../model/transforms/json-text.js';
import type { Template, Value } from '../../model/value.js';

/** A text of these pieces, of which the run resolves expressions. */
const template = (...pieces: readonly (string | { readonly run: string })[]): Template => ({
  template: pieces.map((piece) => (typeof piece === 'string' ? piece : { expression: piece.run, sees: 'run' })),
});

describe('A value that only the run knows', () => {
  const of = (value: Template, expression: string, found: Value): unknown => {
    const values = { [expression]: found };
    const known = new Map([[expression, typeof found === 'string' ? found : JSON.stringify(found)]]);
    const filled = {
      when: true,
      fill: (text: Parameters<typeof withKnown>[0]) => ({ value: fillText(withKnown(text, known), {}), secret: false }),
      whole: (text: Parameters<typeof withKnown>[0]) => wholeOf(text, values),
      secrets: [],
    };
    const change = { how: 'json', attribute: 'oxIDPAuthentication', set: [{ pointer: '/servers', value }] } as const;
    const about = { needs: { setInJson }, values: filled, tried: 'to set it' };
    return JSON.parse(computeJson(change, Buffer.from('{"servers":[],"level":0}'), about));
  };

  it.each([[['a:1636', 'b:1636']], [3], [true], ['a:1636'], [{ a: 1 }], [null]])(
    'is %j inside JSON as it is in the run',
    (found) => {
      expect(of(template({ run: 'steps.a.found' }), 'steps.a.found', found)).toEqual({ servers: found, level: 0 });
    },
  );

  it('is a piece of a longer text where it stands in one', () => {
    expect(of(template('port ', { run: 'steps.a.port' }), 'steps.a.port', 1636)).toEqual({
      servers: 'port 1636',
      level: 0,
    });
  });
});
