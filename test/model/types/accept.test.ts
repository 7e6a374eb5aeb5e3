import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { accept, type Origin } from '../../../model/types/accept.js';
import { parameter } from '../../../model/types/parameter.js';

interface Case {
  readonly it: string;
  readonly type: unknown;
  readonly entered: unknown;
  readonly origin?: Origin;
  readonly value?: unknown;
  /** `path: problem; advice`, the path with dots. */
  readonly mistakes?: readonly string[];
}

describe('A declared type', () => {
  for (const one of parse(readFileSync('test/cases/types/accept.yaml', 'utf8')) as Case[])
    it(one.it, () => {
      const accepted = accept(parameter.parse(one.type), one.entered, one.origin);
      if ('value' in accepted) return void expect(accepted).toEqual({ value: one.value });
      const said = accepted.mistakes.map(({ path, problem, advice }) =>
        [`${path.join('.')}: ${problem}`, ...(advice === '' ? [] : [advice])].join('; '),
      );
      expect(said).toEqual(one.mistakes);
    });

  it('takes no value that is larger than 64 KiB', () => {
    const type = parameter.parse({ type: 'list', of: { type: 'text' } });
    expect(
      accept(
        type,
        Array.from({ length: 70 }, () => 'x'.repeat(1000)),
      ),
    ).toMatchObject({
      mistakes: [{ problem: 'it is larger than 64 KiB' }],
    });
  });

  it('has at most five types inside one another', () => {
    const nested = (depth: number): object =>
      depth === 1 ? { type: 'text' } : { type: 'list', of: nested(depth - 1) };
    expect(parameter.safeParse(nested(5)).success).toBe(true);
    expect(parameter.safeParse(nested(6)).error?.issues[0]?.message).toBe('at most 5 types may be inside one another');
  });
});
