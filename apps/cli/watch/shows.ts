import type { Plan } from '../../../model/plan.js';
import type { RunEvent } from '../../../model/record.js';
import { finalStates } from '../../../model/states.js';
import type { ApiClient } from '../api-client.js';
import type { Colours } from '../colour.js';
import { structured } from '../formats.js';
import { say, type World } from '../world.js';
import { line } from './lines.js';
import type { Picture } from './picture.js';
import { Screen } from './screen.js';
import { Tails } from './tails.js';
import { tree } from './tree.js';

/** A way to show a run while it goes on. */
export interface Show {
  event(event: RunEvent, picture: Picture): void;
  /**
   * The run has ended, or waits for somebody.
   *
   * @param advice - what to do about it
   */
  rests(picture: Picture, advice: readonly string[]): void;
  close(): Promise<void>;
}

export interface Scene {
  readonly world: World;
  readonly client: ApiClient;
  readonly run: string;
  readonly plan: Plan;
  readonly colours: Colours;
  /** Whether somebody goes on watching while the run waits. */
  readonly wait: boolean;
}

const nothing = (): void => undefined;
const closed = (): Promise<void> => Promise.resolve();

/** One event a line, for programs. */
export function jsonShow({ world }: Scene): Show {
  return { event: (event) => say(world, JSON.stringify(event)), rests: nothing, close: closed };
}

/** One YAML document an event. */
export function yamlShow({ world }: Scene): Show {
  return { event: (event) => say(world, `---\n${structured(event, 'yaml')}`), rests: nothing, close: closed };
}

/** Plain lines, for logs and pipes. */
export function linesShow({ world, plan, colours, wait }: Scene): Show {
  const event = (happened: RunEvent): void => {
    const words = line(happened, plan, colours);
    if (words !== undefined) say(world, words);
  };
  const rests = (stands: Picture, advice: readonly string[]): void => {
    if (wait && stands.state === 'waiting') say(world, advice.join('\n'));
  };
  return { event, rests, close: closed };
}

/** Milliseconds between two paintings, and between two looks at the output of running tasks. */
const pace = { paint: 250, tails: 1_000 };

/** A tree that is painted over while the run goes on. */
export function treeShow({ world, client, run, plan, colours }: Scene): Show {
  const screen = new Screen(world.out);
  const tails = new Tails(client, run);
  let picture: Picture | undefined;
  let resting: readonly string[] = [];
  let looking: Promise<void> = Promise.resolve();
  const paint = (): void => {
    if (picture === undefined) return;
    const { columns = 80, rows = 24 } = world.out;
    const room = { columns, rows: rows - resting.length, now: now(picture), colours, tails: tails.lines };
    screen.paint([...tree(run, plan, picture, room), ...resting.map((words) => words.slice(0, columns - 1))]);
  };
  const look = (): void => {
    const seen = picture;
    if (seen !== undefined) looking = looking.then(() => tails.look(seen));
  };
  const timers = [setInterval(paint, pace.paint), setInterval(look, pace.tails)];
  return {
    event: (_, after) => {
      picture = after;
      if (after.state !== 'waiting') resting = [];
    },
    rests: (after, advice) => {
      picture = after;
      resting = after.state === 'waiting' ? advice : [];
    },
    close: async () => {
      timers.forEach(clearInterval);
      await looking;
      resting = [];
      paint();
    },
  };
}

/** A run that has ended stands still: its clock stops at its last event. */
function now(picture: Picture): number {
  return finalStates.includes(picture.state) && picture.lastAt !== undefined ? Date.parse(picture.lastAt) : Date.now();
}
