import { describe, expect, it } from 'vitest';
import { setApart, type Allowance } from '../../lab/allowance.js';
import { differences } from '../../lab/difference.js';
import type { Entry } from '../../lab/entry.js';
import type { Deviation } from '../../lab/layer.js';
import type { HostState } from '../../lab/mark.js';

const file: Entry = { type: 'file', mode: '644', owner: '0:0', content: 'a', text: 'a\n', attributes: {} };
const folder: Entry = { type: 'directory', mode: '755', owner: '0:0', attributes: {} };
const state = (files: Deviation[], rest: Partial<HostState> = {}): { h: HostState } => ({
  h: { files, processes: [], ports: [], entries: {}, ...rest },
});
const subjects = (before: HostState, after: HostState): string[] =>
  differences({ h: before }, { h: after }).map((each) => `${each.change} ${each.subject} ${each.detail}`.trim());

describe('Two states of a host differ', () => {
  it('in a file of the image that was changed, by what was changed', () => {
    const changed = { path: '/etc/x', image: file, host: { ...file, mode: '600', owner: '0:5' } };
    expect(subjects(state([]).h, state([changed]).h)).toEqual(['changed /etc/x mode 644 → 600, owner 0:0 → 0:5']);
  });

  it('in a removed folder once, and not in all that it held', () => {
    const gone = { path: '/opt', image: folder };
    expect(subjects(state([]).h, state([gone]).h)).toEqual(['removed /opt']);
  });

  it('in what came back into a folder that had been removed', () => {
    const gone = state([{ path: '/opt', image: folder }]).h;
    const back = state([{ path: '/opt/new', host: file }]).h;
    expect(subjects(gone, back)).toEqual(['added /opt', 'added /opt/new']);
  });

  it('not in a file that differs from the image in the same way before and after', () => {
    const same = [{ path: '/etc/x', image: file, host: { ...file, content: 'b' } }];
    expect(subjects(state(same).h, state([...same]).h)).toEqual([]);
  });

  it('in an extended attribute', () => {
    const after = state([{ path: '/x', image: file, host: { ...file, attributes: { 'user.a': '0x31' } } }]).h;
    expect(subjects(state([]).h, after)).toEqual(['changed /x attribute user.a']);
  });

  it('in the number of equal processes', () => {
    const [one, two] = [
      state([], { processes: ['uid 0: cron'] }),
      state([], { processes: ['uid 0: cron', 'uid 0: cron'] }),
    ];
    expect(subjects(one.h, two.h)).toEqual(['changed uid 0: cron 1 → 2']);
  });
});

describe('An allowed difference', () => {
  const changed = (text: string): ReturnType<typeof differences> =>
    differences(state([]), state([{ path: '/etc/passwd', image: file, host: { ...file, content: 'b', text } }]));
  const allowance: Allowance = {
    kind: 'file',
    pattern: '/etc/pass*',
    change: 'changed',
    lines: ['+stunnel4:*'],
    reason: 'its user stays',
  };

  it('is set apart and counted', () => {
    expect(setApart(changed('a\nstunnel4:x\n'), [allowance])).toEqual({
      differences: [],
      allowed: [{ allowance, matches: 1 }],
      unused: [],
    });
  });

  it('allows no other line', () => {
    expect(setApart(changed('a\nstunnel4:x\nmallory:x\n'), [allowance]).differences).toHaveLength(1);
  });

  it('allows no other kind of change', () => {
    const removed = differences(state([]), state([{ path: '/etc/passwd', image: file }]));
    const mode = differences(state([]), state([{ path: '/etc/passwd', image: file, host: { ...file, mode: '666' } }]));
    expect([removed, mode].map((found) => setApart(found, [allowance]).differences.length)).toEqual([1, 1]);
  });

  it('does not reach across folders with one asterisk', () => {
    const added = differences(state([]), state([{ path: '/etc/passwd.d/x', host: file }]));
    const one: Allowance = { kind: 'file', pattern: '/etc/pass*', change: 'added', reason: 'for the test' };
    const two: Allowance = { ...one, pattern: '/etc/pass**' };
    expect([one, two].map((each) => setApart(added, [each]).differences.length)).toEqual([1, 0]);
  });

  it('that does not occur is named', () => {
    expect(setApart([], [allowance]).unused).toEqual([allowance]);
  });
});
