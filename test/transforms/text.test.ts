import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applyTransform, type ResolvedArguments } from '../../model/transforms/transforms.js';

interface Case {
  readonly it: string;
  readonly before: string;
  readonly rules: ResolvedArguments;
  readonly after?: string;
  readonly wrong?: string;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const text = (content: Uint8Array): string => Buffer.from(content).toString('utf8');

for (const format of ['words', 'properties', 'lines', 'ini', 'json', 'yaml']) {
  const cases = parse(readFileSync(`test/cases/transforms/${format}.yaml`, 'utf8')) as Case[];
  describe(`Editing ${format}`, () => {
    for (const one of cases)
      it(one.it, () => {
        const edit = (): string => text(applyTransform(format, bytes(one.before), one.rules));
        if (one.wrong !== undefined) return void expect(edit).toThrow(one.wrong);
        expect(edit()).toBe(one.after);
      });

    it('changes nothing the second time', () => {
      for (const one of cases.filter(({ after }) => after !== undefined))
        expect(text(applyTransform(format, bytes(one.after ?? ''), one.rules)), one.it).toBe(one.after);
    });

    if (['json', 'yaml'].includes(format)) {
      it('refuses bytes that are no UTF-8', () => {
        const odd = Uint8Array.from([0x22, 0xff, 0x22]);
        expect(() => applyTransform(format, odd, { set: [], unset: ['/none'] })).toThrow('not UTF-8');
      });
      return;
    }
    it('keeps bytes that are no UTF-8', () => {
      const odd = Uint8Array.from([0x23, 0xff, 0xfe, 0x80, 0x0a, 0x92, 0x0d, 0x41]);
      const unset = format === 'ini' ? { none: ['none'] } : ['none'];
      const rules = { set: {}, unset, present: [], absent: ['none'] };
      expect(applyTransform(format, odd, rules)).toEqual(odd);
    });
  });
}

it('A transform that nobody knows is an error', () => {
  expect(() => applyTransform('toml', bytes(''), {})).toThrow('no transform called toml');
});
