import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Facts, LedgerLine, Violation } from '../chaos/checker/facts.js';
import { judge } from '../chaos/checker/judge.js';
import { innocent, type Plantable } from './innocent.js';

type World = Plantable<Facts>;

const task = (facts: World, step = 'one', host = 'a'): World['runs'][number]['tasks'][number] =>
  facts.runs[0]!.tasks.find((one) => one.step === step && one.host === host)!;
const lines = (facts: World, step: string, part: string, host = 'a'): Plantable<LedgerLine>[] =>
  facts.ledger.filter((one) => one.step === step && one.part === part && one.host === host);
const without = (facts: World, gone: readonly LedgerLine[]): void => {
  facts.ledger = facts.ledger.filter((line) => !gone.includes(line));
};
const again = (facts: World, change: Partial<LedgerLine>): void => {
  const [first] = lines(facts, 'one', 'do');
  facts.ledger.push({ ...first!, place: 99, at: 180, ...change });
};
/** The run has gone back: every step has been undone, the last one first. */
const goneBack = (facts: World): void => {
  Object.assign(facts.runs[0]!, { state: 'undone', ended: 300, undone: [{ undo: 1, ended: 300 }] });
  for (const one of facts.runs[0]!.tasks) {
    one.state = 'undone';
    one.intents.push({ part: 'undo', undo: 1, attempt: 0, at: 200 });
    const at = one.step === 'two' ? 210 : 220;
    for (const moment of ['begin', 'end'] as const)
      facts.ledger.push({
        host: one.host,
        place: at,
        at,
        run: 'r-1',
        step: one.step,
        part: 'undo',
        attempt: 1,
        moment,
      });
  }
};

const planted: readonly (readonly [crime: Violation['crime'], what: string, plant: (facts: World) => unknown])[] = [
  ['lost', 'an effect that the host does not know', (facts) => without(facts, lines(facts, 'two', 'do'))],
  ['lost', 'the end of an effect that had an exit', (facts) => without(facts, [lines(facts, 'two', 'do')[1]!])],
  ['lost', 'a task of a run that succeeded', (facts) => (task(facts).state = 'failed')],
  ['lost', 'an event', (facts) => (facts.runs[0]!.events = 6)],
  ['lost', 'an acknowledged run', (facts) => facts.acknowledged.push({ what: 'run', id: 'r-2' })],
  ['lost', 'an acknowledged word', (facts) => facts.acknowledged.push({ what: 'verb', id: 'v-2' })],
  ['lost', 'the answer to a word', (facts) => (facts.verbs[0]!.settled = false)],
  ['lost', 'a result that a history knows', (facts) => (task(facts).results = [])],
  ['lost', 'a result that no history knows', (facts) => facts.histories[0]!.endings.pop()],
  ['lost', 'the way on of an open run', (facts) => (facts.runs[0]!.state = 'running')],
  [
    'lost',
    'an undo of which the host knows nothing',
    (facts) => (goneBack(facts), without(facts, lines(facts, 'one', 'undo'))),
  ],
  ['phantom', 'an effect of no task', (facts) => again(facts, { step: 'three' })],
  ['phantom', 'an effect of no run', (facts) => again(facts, { run: 'r-9' })],
  ['phantom', 'an effect without an intent', (facts) => (task(facts).intents = [])],
  ['phantom', 'an effect of an attempt that nobody announced', (facts) => again(facts, { attempt: 2 })],
  ['phantom', 'an effect before its intent', (facts) => (task(facts).intents[0]!.at = 120)],
  ['phantom', 'an effect of an attempt that was refused', (facts) => (task(facts).results[0]!.ending = 'refused')],
  ['phantom', 'an effect of a pending task', (facts) => (task(facts).state = 'pending')],
  ['phantom', 'an effect after its run', (facts) => (facts.runs[0]!.ended = 104)],
  ['phantom', 'an undo after the undo', (facts) => (goneBack(facts), (facts.runs[0]!.undone[0]!.ended = 215))],
  ['doubled', 'an attempt', (facts) => again(facts, {})],
  [
    'doubled',
    'an undo',
    (facts) => (
      goneBack(facts),
      again(facts, { part: 'undo', at: 230, place: 230 }),
      again(facts, { part: 'undo', at: 230, place: 231 })
    ),
  ],
  [
    'doubled',
    'an effect that may be had once',
    (facts) => (again(facts, { attempt: 2 }), task(facts).intents.push({ part: 'do', undo: 0, attempt: 2, at: 170 })),
  ],
  [
    'doubled',
    'the word of a history',
    (facts) => facts.histories[0]!.endings.push({ step: 'one', host: 'a', attempt: 1, ending: 'partial' }),
  ],
  ['out of order', 'a check after the effect', (facts) => again(facts, { part: 'check' })],
  ['out of order', 'a capture after the effect', (facts) => again(facts, { part: 'capture' })],
  [
    'out of order',
    'a step before the one before it, on one host',
    (facts) => lines(facts, 'two', 'do').forEach((line) => (line.place -= 8)),
  ],
  [
    'out of order',
    'a step before another host was ready',
    (facts) => lines(facts, 'two', 'do', 'b').forEach((line) => (line.at = 105)),
  ],
  [
    'out of order',
    'an undo of the first step first',
    (facts) => (goneBack(facts), lines(facts, 'one', 'undo').forEach((line) => (line.place = 205))),
  ],
  ['out of order', 'an effect after its undo', (facts) => (goneBack(facts), again(facts, { at: 250, place: 250 }))],
];

describe('the checker', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(judge(innocent() as Facts)).toEqual([]);
    const back = innocent();
    goneBack(back);
    expect(judge(back as Facts)).toEqual([]);
  });

  it.each(planted)('finds %s: %s', (crime, _what, plant) => {
    const facts = innocent();
    plant(facts);
    expect(judge(facts as Facts).map((one) => one.crime)).toContain(crime);
  });

  it.each([
    ['what a repeatable step does again', (facts: World) => (task(facts).repeatable = true)],
    [
      'what a person has asked for',
      (facts: World) => facts.verbs.push({ id: 'v-3', run: 'r-1', verb: 'retry', settled: true, accepted: true }),
    ],
  ])('lets pass %s', (_what, allow) => {
    const facts = innocent();
    const first = task(facts, 'two');
    first.results.unshift({ attempt: 1, ending: 'partial', exit: 1 });
    first.results[1] = { attempt: 2, ending: 'done', exit: 0 };
    first.intents.push({ part: 'do', undo: 0, attempt: 2, at: 170 });
    for (const moment of ['begin', 'end'] as const)
      facts.ledger.push({ host: 'a', place: 90, at: 175, run: 'r-1', step: 'two', part: 'do', attempt: 2, moment });
    const told = facts.histories[0]!.endings;
    told.find((one) => one.step === 'two' && one.host === 'a')!.ending = 'partial';
    told.push({ step: 'two', host: 'a', attempt: 2, ending: 'done' });
    expect(judge(facts as Facts).map((one) => one.crime)).toEqual(['doubled']);
    first.repeatable = false;
    allow(facts);
    task(facts, 'two').repeatable = task(facts).repeatable;
    expect(judge(facts as Facts)).toEqual([]);
  });

  it('shares no code with what it judges', () => {
    const folder = join(import.meta.dirname, '..', 'chaos', 'checker');
    const imports = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from = '']) => from),
    );
    expect(imports.length).toBeGreaterThan(8);
    expect(imports.filter((from) => !/^(\.\/[a-z-]+\.js|node:.*|pg|@temporalio\/client)$/.test(from))).toEqual([]);
  });
});
