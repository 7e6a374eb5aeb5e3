import type { Info } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reasonOf } from '../../apps/worker/wiring/reason-of.js';
import { TryingAgain, type TroubleRecords } from '../../apps/worker/wiring/trying-again.js';
import { Failed } from '../../model/failure.js';
import type { Trouble } from '../../model/record.js';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-21T12:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

const info = (attempt: number, more: Partial<Info> = {}): Info =>
  ({
    attempt,
    activityId: '7',
    workflowExecution: { workflowId: 'run:example-1:0:0', runId: 'life' },
    retryPolicy: { nonRetryableErrorTypes: ['NotAuthorised'] },
    ...more,
  }) as Info;

/** Lines of what was told; `away` makes the records fail. */
function records() {
  const lines: string[] = [];
  const state: { away: boolean; standing?: Trouble } = { away: false };
  const write = async (line: string): Promise<void> => {
    if (state.away) throw new Error('away');
    lines.push(line);
  };
  const told: TroubleRecords = {
    tell: async ({ run, work }, { step = '-', since, because }) =>
      write(`${run} ${work} ${step}: ${since.slice(11, 19)} ${because}`),
    over: async (_of, goesOn) => write(goesOn ? 'goes on' : 'given up'),
    openStep: async (_run, steps) => steps[1]?.step,
    standing: async () => state.standing,
  };
  return { lines, state, told };
}

const fails = (because: string) => async (): Promise<unknown> => {
  throw new Error(because);
};
const request = [{ run: 'example-1', step: 'redis' }];

it('tells once why something is tried again, and that it goes on', async () => {
  const { lines, told } = records();
  const trying = new TryingAgain(told);
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    await expect(trying.around(info(attempt), request, fails('no such table'))).rejects.toThrow('no such table');
    vi.advanceTimersByTime(15_000);
  }
  expect(lines).toEqual(['example-1 life/7 redis: 12:00:00 no such table']);
  await expect(trying.around(info(21), request, async () => 'done')).resolves.toBe('done');
  expect(lines.slice(1)).toEqual(['goes on']);
});

it('tells another reason, at most one a minute, with the time of the first', async () => {
  const { lines, told } = records();
  const trying = new TryingAgain(told);
  for (const because of ['one', 'two', 'three']) {
    await trying.around(info(1), request, fails(because)).catch(() => undefined);
    vi.advanceTimersByTime(30_000);
  }
  expect(lines).toEqual(['example-1 life/7 redis: 12:00:00 one', 'example-1 life/7 redis: 12:00:00 three']);
});

it('tells afterwards what could not be written while the records were away', async () => {
  const { lines, state, told } = records();
  const trying = new TryingAgain(told);
  state.away = true;
  await trying.around(info(1), request, fails('connect ECONNREFUSED')).catch(() => undefined);
  await trying.around(info(2), request, fails('connect ECONNREFUSED')).catch(() => undefined);
  state.away = false;
  await trying.around(info(3), request, async () => 'done');
  expect(lines).toEqual(['example-1 life/7 redis: 12:00:00 connect ECONNREFUSED', 'goes on']);
});

it('says so where the worker of an earlier try has gone, until that has gone well for a while', async () => {
  const { lines, told } = records();
  const trying = new TryingAgain(told);
  let end: (value: string) => void = () => undefined;
  const long = trying.around(info(2), request, async () => new Promise((resolve) => (end = resolve)));
  await vi.advanceTimersByTimeAsync(14_000);
  expect(lines).toEqual(['example-1 life/7 redis: 12:00:00 the worker that did it has gone, or gave no sign of life']);
  await vi.advanceTimersByTimeAsync(1_000);
  end('done');
  await long;
  expect(lines.slice(1)).toEqual(['goes on']);
});

it('says so, too, where the workflow has passed the work on to another worker', async () => {
  const { lines, told } = records();
  await new TryingAgain(told).around(info(1), [{ step: 'redis', passedOn: true }], async () => 'done');
  expect(lines).toEqual([
    'example-1 life/7 redis: 12:00:00 the worker that did it has gone, or gave no sign of life',
    'goes on',
  ]);
});

it('ends what another worker has told', async () => {
  const { lines, state, told } = records();
  state.standing = { since: '2026-11-21T11:00:00.000Z', because: 'no such table' };
  const trying = new TryingAgain(told);
  await trying.around(info(3), request, fails('no such table')).catch(() => undefined);
  await trying.around(info(4), request, async () => 'done');
  expect(lines).toEqual(['goes on']);
});

it('says nothing of what is not tried again, nor of what belongs to no run', async () => {
  const { lines, told } = records();
  const trying = new TryingAgain(told);
  const refused = Object.assign(new Error('it is paused'), { name: 'NotAuthorised' });
  const untold: [Info, Error][] = [
    [info(1), refused],
    [info(1), ApplicationFailure.nonRetryable('no')],
    [info(1), new CancelledFailure('cancelled')],
    [info(1, { retryPolicy: { maximumAttempts: 1 } as Info['retryPolicy'] & object }), new Error('busy')],
    [info(1, { workflowExecution: { workflowId: 'host-check:node1', runId: 'life' } }), new Error('busy')],
  ];
  for (const [one, error] of untold) {
    await trying
      .around(one, request, async () => {
        throw error;
      })
      .catch(() => undefined);
  }
  expect(lines).toEqual([]);
});

it('says that it is given up where an error that is not tried again follows', async () => {
  const { lines, told } = records();
  const trying = new TryingAgain(told);
  await trying.around(info(1), request, fails('away')).catch(() => undefined);
  await trying
    .around(info(2), request, async () => {
      throw ApplicationFailure.nonRetryable('no');
    })
    .catch(() => undefined);
  expect(lines.slice(1)).toEqual(['given up']);
});

it('names the step at which several were when they are taken up from another worker', async () => {
  const { lines, told } = records();
  const steps = ['redis', 'tunnel', 'proof'].map((step) => ({ step, hosts: [] }));
  const passedOn = [{ run: 'example-1', steps, passedOn: true }];
  await new TryingAgain(told).around(info(1), passedOn, async () => 'done');
  expect(lines[0]).toMatch(/^example-1 life\/7 tunnel: /);
});

it('is no trouble itself where telling fails', async () => {
  const { state, told } = records();
  state.away = true;
  const trying = new TryingAgain(told);
  await expect(trying.around(info(2), request, async () => 'done')).resolves.toBe('done');
});

it('gives a reason in one line, without the values that a database quotes', () => {
  const failure = { kind: 'secret/missing', tried: 'x', known: 'there is no secret "a"', next: 'y' } as const;
  const quoting = Object.assign(new Error('invalid input syntax for type integer: "hunter2"'), { code: '22P02' });
  expect(reasonOf(new Failed(failure))).toBe('secret/missing: there is no secret "a"');
  expect(reasonOf(new Error('first\nsecond'))).toBe('first');
  expect(reasonOf(quoting)).toBe('the database does not take a value (SQLSTATE 22P02)');
  expect(reasonOf(new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')]))).toBe(
    'connect ECONNREFUSED 127.0.0.1:1',
  );
  expect(reasonOf('odd')).toBe('of an error without a name');
});
