import { describe, expect, it } from 'vitest';
import picocolors from 'picocolors';
import { troubles } from '../../apps/cli/commands/run-show.js';
import { table } from '../../apps/cli/formats.js';
import { visible } from '../../apps/cli/visible.js';
import { events } from '../../apps/cli/watch/follow-events.js';
import { line } from '../../apps/cli/watch/lines.js';
import { elapsed } from '../../apps/cli/watch/marks.js';
import { apply, emptyPicture, type Picture } from '../../apps/cli/watch/picture.js';
import { recap } from '../../apps/cli/watch/recap.js';
import { tree, type Canvas } from '../../apps/cli/watch/tree.js';
import type { TaskAnswer } from '../../model/answers.js';
import { eventKinds } from '../../model/event.js';
import type { RunEvent } from '../../model/record.js';
import { gated } from '../database/example.js';

const plain = picocolors.createColors(false);
const at = '2026-11-21T12:00:00.000Z';
let sequence = 0;
const event = (kind: string, data: object): RunEvent => ({
  run: 'r',
  sequence: ++sequence,
  at,
  kind,
  data: data as RunEvent['data'],
});

const story: readonly RunEvent[] = [
  event('run-started', { runbook: 'example', plan: 'h', by: 'ada' }),
  event('run-moved', { from: 'planned', to: 'running' }),
  event('step-started', { step: 'redis', attempts: [{ host: 'cache', attempt: 1 }] }),
  event('task-ended', {
    step: 'redis',
    host: 'cache',
    attempt: 1,
    ending: 'done',
    state: 'changed',
    milliseconds: 1200,
    summary: 'installed\n',
  }),
  event('step-started', { step: 'redis_up', attempts: [{ host: 'cache', attempt: 1 }] }),
  event('task-ended', {
    step: 'redis_up',
    host: 'cache',
    attempt: 1,
    ending: 'partial',
    state: 'failed',
    milliseconds: 50,
    summary: '',
    failure: { kind: 'step/exit', tried: 'start', known: 'it ended with 1', next: 'look at its output' },
  }),
  event('run-moved', { from: 'running', to: 'waiting', for: 'decision', phase: 0, wave: 0 }),
];

function pictureOf(some: readonly RunEvent[]): Picture {
  const picture = emptyPicture();
  for (const one of some) apply(picture, one);
  return picture;
}

const canvas: Canvas = { columns: 80, rows: 30, now: Date.parse(at) + 5_000, colours: plain, tails: new Map() };

describe('a run as it is watched', () => {
  it('is a tree: what goes on is open, the rest is a line', () => {
    expect(tree('example-1', gated, pictureOf(story), canvas)).toEqual([
      'example-1  waiting (decision)  5.0 s',
      '✗ 1 Cache',
      '    ✓ Step redis is so  1 changed',
      '    ✗ Step redis_up is so  1 failed',
      '        ✗ cache 0.1 s  it ended with 1; look at its output',
      '· 2 Nodes  2 pending',
    ]);
  });

  it('shows the last line that a running task wrote, and how long it has run', () => {
    const tails = new Map([['redis@cache', 'Unpacking redis-server']]);
    const shown = tree('example-1', gated, pictureOf(story.slice(0, 3)), { ...canvas, tails });
    expect(shown).toContain('        ▸ cache 5.0 s  Unpacking redis-server');
  });

  it('fits the terminal, however many hosts there are', () => {
    const attempts = Array.from({ length: 200 }, (_, index) => ({ host: `h${index}`, attempt: 1 }));
    const wide = {
      ...gated,
      phases: gated.phases.map((phase) => ({
        ...phase,
        waves: [attempts.map((one) => one.host)],
        steps: phase.steps.map((step) => ({
          ...step,
          tasks: Object.fromEntries(attempts.map((one) => [one.host, 0])),
        })),
      })),
    };
    const picture = pictureOf([event('step-started', { step: 'redis', attempts })]);
    const shown = tree('example-1', wide, picture, { ...canvas, columns: 20 });
    expect(shown.length).toBeLessThanOrEqual(28);
    for (const one of shown) expect(one.length).toBeLessThan(20);
  });

  it('is plain lines elsewhere', () => {
    expect(story.map((one) => line(one, gated, plain))).toEqual([
      '12:00:00  run of example committed by ada',
      '12:00:00  run: running',
      '12:00:00  Step redis is so [redis]: begins on cache',
      '12:00:00  cache: Step redis is so [redis]: changed (1.2 s) installed',
      '12:00:00  Step redis_up is so [redis_up]: begins on cache',
      '12:00:00  cache: Step redis_up is so [redis_up]: failed (0.1 s) step/exit: it ended with 1; look at its output',
      '12:00:00  run: waiting, decision',
    ]);
  });

  it('says that it is tried again though no host failed, until it goes on', () => {
    const since = '2026-11-21T11:59:00.000Z';
    const trouble = event('trying-again', { work: '7', step: 'redis', since, because: 'no such table' });
    const words = 'trying step redis again since 11:59:00 because no such table';
    const stuck = [...story.slice(0, 3), trouble];
    expect(line(trouble, gated, plain)).toBe(`12:00:00  ${words}`);
    expect(tree('example-1', gated, pictureOf(stuck), canvas)[1]).toBe(`! ${words}`);
    const over = event('trying-ended', { work: '7', goesOn: true });
    expect(line(over, gated, plain)).toBe('12:00:00  it goes on');
    for (const next of [over, event('run-moved', { from: 'running', to: 'paused' })])
      expect(tree('example-1', gated, pictureOf([...stuck, next]), canvas).join()).not.toContain('trying');
    const pausing = event('run-moved', { from: 'running', to: 'pausing' });
    expect(tree('example-1', gated, pictureOf([...stuck, pausing]), canvas).join()).toContain(words);
  });

  it('shows what the runbook advises, with the error', () => {
    const failure = { kind: 'step/exit', tried: 't', known: 'exit 1', next: 'look', hints: ['start it first'] };
    const data = { step: 'redis_up', host: 'cache', attempt: 1, state: 'failed', milliseconds: 50, failure };
    const failed = event('task-ended', data);
    expect(line(failed, gated, plain)).toMatch(/step\/exit: exit 1; look \| hint: start it first$/);
    const shown = tree('example-1', gated, pictureOf([...story.slice(0, 5), failed]), canvas);
    expect(shown).toContain('        ✗ cache 0.1 s  hint: start it first; exit 1; look');
    const task = { ...data, phase: 0, wave: 0, settled: true, failure } as unknown as TaskAnswer;
    expect(troubles([task, { ...task, host: 'other' }])).toMatch(
      /HINT +FOR\nstart it first +redis_up on cache, redis_up on other\n$/,
    );
  });

  it('has a line for every kind of event that says something new', () => {
    const silent = ['result-ignored', 'leases-released'];
    const data = { attempts: [], tasks: [], step: 's', host: 'h', phase: 0, to: 'running' };
    for (const kind of Object.keys(eventKinds)) {
      expect(line(event(kind, data), gated, plain) === undefined, kind).toBe(silent.includes(kind));
    }
  });

  it('ends with a line a host', () => {
    const tasks = [
      { host: 'a', state: 'ok' },
      { host: 'a', state: 'changed' },
      { host: 'b', state: 'unreachable' },
      { host: 'b', state: 'pending' },
    ] as const;
    expect(recap(tasks)).toBe(
      [
        'HOST  ok  changed  failed  unreachable  unknown  skipped  undone  not run',
        'a     1   1        0       0            0        0        0       0',
        'b     0   0        0       1            0        0        0       1',
        '',
      ].join('\n'),
    );
  });

  it('is told the way back: undone tasks, and decisions that are due', () => {
    const picture = pictureOf([
      ...story,
      event('task-undone', { undo: 1, step: 'redis', host: 'cache', outcome: 'undone', summary: '' }),
      event('task-undone', { undo: 1, step: 'redis_up', host: 'cache', outcome: 'decide', summary: 'changed since' }),
      event('tasks-reopened', { tasks: [{ step: 'redis_up', host: 'cache' }], by: 'ada' }),
    ]);
    expect(picture.tasks.get('redis@cache')?.state).toBe('undone');
    expect(picture.tasks.get('redis_up@cache')).toMatchObject({ state: 'pending', attempt: 1 });
  });
});

describe('a stream of server-sent events', () => {
  it('is cut right wherever its bytes are cut', async () => {
    const stream = Buffer.from(
      `retry: 1000\n\n: waiting\n\n${story.map((one) => `id: ${one.sequence}\nevent: ${one.kind}\ndata: ${JSON.stringify({ ...one, data: { note: 'ä€😀' } })}\n\n`).join('')}`,
    );
    for (const size of [1, 2, 3, 7, 64, 10_000]) {
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.subarray(index * size, (index + 1) * size),
      );
      const seen: RunEvent[] = [];
      for await (const one of events(chunks)) seen.push(one);
      expect(seen.map((one) => one.sequence)).toEqual(story.map((one) => one.sequence));
      expect(seen.every((one) => one.data['note'] === 'ä€😀')).toBe(true);
    }
  });
});

describe('text from elsewhere', () => {
  it.each([
    ['\x1b]0;title\x07', '\\u{1b}]0;title\\u{7}'],
    ['a\rb', 'a\\rb'],
    ['\u202Eevil', '\\u{202e}evil'],
    ['tab\tand\nline', 'tab\tand\nline'],
    ['\x9b31m', '\\u{9b}31m'],
  ])('cannot move the cursor or hide: %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('cannot break a table', () => {
    expect(table(['A', 'B'], [['\x1b[2J', 'x']])).toBe('A          B\n\\u{1b}[2J  x\n');
  });
});

it.each([
  [400, '0.4 s'],
  [12_300, '12 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
])('%i milliseconds read as %s', (milliseconds, words) => {
  expect(elapsed(milliseconds)).toBe(words);
});
