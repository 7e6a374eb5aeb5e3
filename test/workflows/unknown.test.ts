import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlannedPhase } from '../../model/plan.js';
import type { SaidVerb, Standing, StepOutline, TaskRecord, Verb, VerbArguments } from '../../model/record.js';
import { goesOn, stateAfter, type Ending } from '../../model/states.js';
import type { DueAttempt } from '../../model/task/rounds.js';
import { runWorkflowId, verbUpdate } from '../../workflows/messages.js';
import { startTemporal } from '../api/temporal.js';
import { carriedOut, type Answers } from './carried-out.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Rules {
  readonly maxFailures?: number;
  readonly onFailure?: PlannedPhase['onFailure'];
  /** How attempts end that do not end well, by `step@host attempt`. */
  readonly ends?: Readonly<Record<string, Ending>>;
}

/** A phase of two steps on hosts `a` and `b` in one wave, and a later one, as records and hosts would answer for them. */
class Place {
  /** What was done, as `step@host attempt: ending`, and what records and people were told, in that order. */
  readonly happened: string[] = [];
  readonly said = new Map<string, SaidVerb>();
  readonly tasks: Mutable<TaskRecord & { readonly phase: number }>[];
  readonly answers: Answers;

  constructor(
    readonly run: string,
    { maxFailures = 0, onFailure = 'pause', ends = {} }: Rules,
  ) {
    const task = (phase: number, step: string, host: string) => ({
      ...{ phase, step, host, state: 'pending' as const, attempt: 0, settled: false },
    });
    this.tasks = ['a', 'b'].flatMap((host) => [task(0, 'one', host), task(0, 'two', host), task(1, 'later', host)]);
    const phases = ['First', 'Later'].map((name) => ({
      ...{ name, waves: [['a', 'b']], onFailure, done: false, wave: 0 },
    }));
    const attempt = (step: string, due: readonly DueAttempt[]): Standing[] =>
      due.map(({ host, attempt: number }) => {
        const ending = ends[`${step}@${host} ${number}`] ?? 'done';
        Object.assign(this.task(step, host), { attempt: number, settled: true, ending, state: stateAfter[ending] });
        this.happened.push(`${step}@${host} ${number}: ${ending}`);
        return { host, attempt: number, ending, milliseconds: 1, summary: '' };
      });
    this.answers = {
      beginRun: async () => ({ run, state: 'running', planHash: 'p', phases }),
      readWave: async (_run, phase) => ({
        phase: phases[phase]!.name,
        maxFailures,
        steps: phase === 0 ? [outline('one'), outline('two')] : [outline('later')],
        tasks: this.tasks.filter((one) => one.phase === phase),
        queue: runWorkflowId(run),
      }),
      ownQueue: async () => runWorkflowId(run),
      runHostStep: async ({ step, hosts }) => attempt(step, hosts),
      runHostSteps: async ({ steps }) => {
        const through: Standing[][] = [];
        for (const { step, hosts } of steps) {
          through.push(attempt(step, hosts));
          if (through.at(-1)!.some(({ ending }) => !goesOn(ending))) break;
        }
        const ids = steps.slice(0, through.length).map(({ step }) => step);
        return { steps: ids, ended: through.at(-1)!, before: through.slice(0, -1) };
      },
      moveRun: async (_run, to, data) =>
        void this.happened.push(data?.['for'] ? `${to} for ${String(data['for'])}` : to),
      readVerb: async (id) => this.said.get(id),
      settleVerb: async (id, { because }) => void this.happened.push(`${id}: ${because}`),
      obey: async (id) => this.obey(this.said.get(id)!),
      finishPhase: async (_run, phase) => this.finish(phase),
      handOverToUndo: async (_run, by) => (this.happened.push(`goes back: ${by}`), 1),
      endRun: async () => undefined,
    };
  }

  task(step: string, host: string): Mutable<TaskRecord> {
    return this.tasks.find((one) => one.step === step && one.host === host)!;
  }

  /** As the records do: no phase is finished over what is unknown. */
  finish(phase: number): number | undefined {
    if (this.tasks.some((one) => one.phase === phase && one.state === 'unknown')) return 0;
    this.happened.push(`phase ${phase} is finished`);
    return undefined;
  }

  obey({ verb, arguments: { step = '', host = '' } }: SaidVerb): { accepted: boolean; decides: boolean } {
    this.happened.push(`${verb} ${step}@${host}`);
    const state = verb === 'retry' ? 'pending' : verb === 'skip' ? 'skipped' : 'changed';
    Object.assign(this.task(step, host), { state });
    return { accepted: true, decides: true };
  }

  async waits(times = 1): Promise<void> {
    const waits = (): number => this.happened.filter((one) => one === 'waiting for decision').length;
    await expect.poll(waits).toBe(times);
  }
}

function outline(id: string): StepOutline {
  const retry = { attempts: 1, interval: 1, backoff: 1, cap: 1 };
  return { id, name: id, on: 'host', seconds: 0, retry, timeout: 60, repeatable: false, hosts: ['a', 'b'] };
}

/** Everybody goes through the later phase, and the run ends well. */
const goesOnToItsEnd = ['phase 0 is finished', 'later@a 1: done', 'later@b 1: done', 'phase 1 is finished'];

describe('a task of which nobody knows what became of it', () => {
  let temporal: TestWorkflowEnvironment;
  beforeAll(async () => {
    temporal = await startTemporal();
  });
  afterAll(async () => temporal?.teardown());

  /** Carries a run out; each word is said when the run waits for a decision once more. */
  async function carriedOn(place: Place, ...words: readonly (readonly [Verb, VerbArguments])[]): Promise<string> {
    const work = { type: 'runbook', id: runWorkflowId(place.run), argument: { run: place.run } };
    return carriedOut(temporal, work, place.answers, async (workflow) => {
      for (const [index, [verb, said]] of words.entries()) {
        await place.waits(index + 1);
        const id = `word ${index + 1}`;
        place.said.set(id, { id, run: place.run, verb, arguments: said, by: 'ada' });
        await workflow.executeUpdate(verbUpdate, { args: [id] });
      }
      return (await workflow.result()) as string;
    });
  }

  const unknownOnB = { 'one@b 1': 'unknown' } as const;
  const onB = { step: 'one', host: 'b' };

  it('is left to a person at the end of its wave where `max_failures` allows one, and the other host has gone on', async () => {
    const place = new Place('unknown-within-max-failures', { maxFailures: 1, onFailure: 'stop', ends: unknownOnB });
    expect(await carriedOn(place, ['mark-done', onB])).toBe('succeeded: every phase is done');
    expect(place.happened).toEqual([
      ...['one@a 1: done', 'one@b 1: unknown', 'two@a 1: done', 'waiting for decision'],
      ...['mark-done one@b', 'running', 'two@b 1: done', ...goesOnToItsEnd],
    ]);
  }, 60_000);

  it('is left to a person where `on_failure` is stop, and the run goes on once that one has decided', async () => {
    const place = new Place('unknown-and-on-failure-is-stop', { onFailure: 'stop', ends: unknownOnB });
    expect(await carriedOn(place, ['skip', onB])).toBe('succeeded: every phase is done');
    expect(place.happened).toEqual([
      ...['one@a 1: done', 'one@b 1: unknown', 'waiting for decision'],
      ...['skip one@b', 'running', 'two@a 1: done', 'two@b 1: done', ...goesOnToItsEnd],
    ]);
  }, 60_000);

  it('is left to a person where `on_failure` is undo: the run goes back when that one says so, and not before', async () => {
    const place = new Place('unknown-and-on-failure-is-undo', { onFailure: 'undo', ends: unknownOnB });
    expect(await carriedOn(place, ['undo', {}])).toBe('handed over to undo 1');
    expect(place.happened).toEqual([
      ...['one@a 1: done', 'one@b 1: unknown', 'waiting for decision', 'word 1: the run goes back', 'goes back: ada'],
    ]);
  }, 60_000);

  it('is tried again when told to, and a host that has failed then is one that `on_failure` is for', async () => {
    const ends = { ...unknownOnB, 'one@b 2': 'partial' } as const;
    const place = new Place('unknown-then-failed', { onFailure: 'stop', ends });
    expect(await carriedOn(place, ['retry', onB])).toBe('failed: a host failed, and on_failure is stop');
    expect(place.happened).toEqual([
      ...['one@a 1: done', 'one@b 1: unknown', 'waiting for decision', 'retry one@b', 'running', 'one@b 2: partial'],
    ]);
  }, 60_000);

  it('is tried again when told to also beside a host that has failed, for which `on_failure` holds after that', async () => {
    const ends = { ...unknownOnB, 'one@a 1': 'partial' } as const;
    const place = new Place('unknown-beside-a-failed-one', { onFailure: 'undo', ends });
    expect(await carriedOn(place, ['retry', onB])).toBe('handed over to undo 1');
    expect(place.happened).toEqual([
      ...['one@a 1: partial', 'one@b 1: unknown', 'waiting for decision', 'retry one@b', 'running', 'one@b 2: done'],
      'goes back: on_failure: undo',
    ]);
  }, 60_000);

  it('is asked about as often as it comes to that', async () => {
    const ends = { ...unknownOnB, 'one@a 1': 'unknown', 'one@b 2': 'unknown' } as const;
    const place = new Place('unknown-more-than-once', { maxFailures: 2, ends });
    expect(await carriedOn(place, ['retry', onB], ['mark-done', { step: 'one', host: 'a' }], ['skip', onB])).toBe(
      'succeeded: every phase is done',
    );
    expect(place.happened).toEqual([
      ...['one@a 1: unknown', 'one@b 1: unknown', 'waiting for decision', 'retry one@b', 'running', 'one@b 2: unknown'],
      ...['waiting for decision', 'mark-done one@a', 'running', 'two@a 1: done'],
      ...['waiting for decision', 'skip one@b', 'running', 'two@b 1: done', ...goesOnToItsEnd],
    ]);
  }, 60_000);

  it('is asked about before its phase is finished, however it came to be unknown', async () => {
    const place = new Place('unknown-after-its-wave', {});
    const { finish } = place;
    // Something has made it unknown since its wave was through.
    place.finish = (phase) => {
      place.finish = finish;
      Object.assign(place.task('two', 'b'), { state: 'unknown', ending: 'unknown' });
      return finish.call(place, phase);
    };
    expect(await carriedOn(place, ['mark-done', { step: 'two', host: 'b' }])).toBe('succeeded: every phase is done');
    expect(place.happened).toEqual([
      ...['one@a 1: done', 'one@b 1: done', 'two@a 1: done', 'two@b 1: done', 'waiting for decision'],
      ...['mark-done two@b', 'running', ...goesOnToItsEnd],
    ]);
  }, 60_000);

  it('is not what a host that has failed is: for that one `max_failures` and `on_failure` hold as ever', async () => {
    const ends = { 'one@b 1': 'partial' } as const;
    const borne = new Place('failed-within-max-failures', { maxFailures: 1, onFailure: 'stop', ends });
    expect(await carriedOn(borne)).toBe('succeeded: every phase is done');
    const stopped = new Place('failed-and-on-failure-is-stop', { onFailure: 'stop', ends });
    expect(await carriedOn(stopped)).toBe('failed: a host failed, and on_failure is stop');
    const back = new Place('failed-and-on-failure-is-undo', { onFailure: 'undo', ends });
    expect(await carriedOn(back)).toBe('handed over to undo 1');
    expect([borne, stopped, back].flatMap(({ happened }) => happened)).not.toContain('waiting for decision');
  }, 60_000);
});
