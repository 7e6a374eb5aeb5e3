import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../model/record.js';
import { recoveryOf } from '../chaos/suite/recovery.js';

const begin = Date.parse('2026-01-01T00:00:00.000Z');
/** The repair comes ten seconds after the begin. */
const at = begin + 10_000;

const event = (second: number, kind: string, data: RunEvent['data'] = {}): RunEvent => ({
  ...{ run: 'r', sequence: Math.round(second * 10), kind, data },
  at: new Date(begin + second * 1000).toISOString(),
});
const task = (second: number, host: string, failure?: string): RunEvent =>
  event(second, 'task-ended', { step: 'one', host, ...(failure === undefined ? {} : { failure: { kind: failure } }) });
const begun = (second: number, host: string): RunEvent =>
  event(second, 'step-started', { step: 'one', attempts: [{ host, attempt: 1 }] });
const end = (second: number, to = 'succeeded'): RunEvent => event(second, 'run-moved', { from: 'running', to });

describe('the recovery of a run', () => {
  it('is counted from the repair to the first event that was written after it', () => {
    expect(recoveryOf([task(9.9, 'a'), task(12.5, 'a'), end(20)], { at })).toBe(2.5);
  });

  it('is not shown by an event of the moment of the repair', () => {
    expect(recoveryOf([task(10, 'a'), end(31)], { at })).toBe(21);
  });

  it.each([
    ['a word that somebody has said', event(11, 'verb-said', { verb: 'retry', arguments: { step: 'one', host: 'a' } })],
    ['trouble', event(11, 'trying-again', { work: 'w', because: 'it is away' })],
    ['a host that was not reached', task(11, 'a', 'host/unreachable')],
    ['a directory that was not reached', task(11, 'a', 'ldap/unreachable')],
  ])('is not shown by %s', (_, one) => {
    expect(recoveryOf([one, end(15)], { at })).toBe(5);
  });

  it('has none where the run had ended before, whatever came then', () => {
    expect(recoveryOf([task(8, 'a'), end(9), event(11, 'leases-released', { machines: [] })], { at })).toBe(
      'had ended',
    );
  });

  it('is of the undo where the run went back afterwards', () => {
    const back = [
      end(5),
      event(6, 'undo-started', { undo: 1 }),
      event(13, 'undo-finished', { undo: 1 }),
      end(14, 'undone'),
    ];
    expect(recoveryOf(back, { at })).toBe(3);
  });

  it('is unknown where nothing says that the run has ended', () => {
    expect(recoveryOf([task(8, 'a')], { at })).toBeUndefined();
  });
});

describe('the recovery of a host that was struck', () => {
  const hosts = ['a'];

  it('is not shown by what another host came to', () => {
    expect(recoveryOf([task(11, 'b'), task(14, 'a'), end(20)], { at, hosts })).toBe(4);
  });

  it('is not shown by the begin of a step on it, which is written before it is spoken to', () => {
    expect(recoveryOf([begun(11, 'a'), task(14, 'a'), end(20)], { at, hosts })).toBe(4);
  });

  it('is not shown by its not being reached, but by what an outcome that is not known was read from', () => {
    const read = task(13, 'a', 'host/rebooted');
    expect(recoveryOf([task(11, 'a', 'host/unreachable'), read, end(20)], { at, hosts })).toBe(3);
  });

  it('is shown by its going back', () => {
    expect(
      recoveryOf([event(16, 'task-undone', { host: 'a', outcome: 'undone' }), end(20, 'undone')], { at, hosts }),
    ).toBe(6);
  });

  it('is that of the slowest where several were struck', () => {
    expect(recoveryOf([task(11, 'a'), task(17, 'b'), end(20)], { at, hosts: ['a', 'b'] })).toBe(7);
  });

  it('is unknown where the run has ended, and one of them was begun with and has come to nothing', () => {
    expect(recoveryOf([begun(11, 'a'), task(17, 'b'), end(20)], { at, hosts: ['a', 'b'] })).toBeUndefined();
  });

  it('has none where nothing was owed on it any more', () => {
    expect(recoveryOf([task(9, 'a'), task(11, 'b'), end(20)], { at, hosts })).toBe('had ended');
  });
});
