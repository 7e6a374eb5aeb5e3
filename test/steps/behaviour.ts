import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Lab } from '../../lab/lab.js';
import { compileStep, type StepKeys } from './cases.js';
import { entered, Task, type Kill, type OnHost, type Outcome, type Values } from './harness.js';

/** One story of a step on a real host. Scripts are run by `sh -eu` as root, outside of Belay. */
export interface Story {
  readonly it: string;
  /** Told in the host's own shell alone. */
  readonly slow?: boolean;
  /** `target` where absent; `tools` and `walls` have more programs. */
  readonly host?: string;
  /** Where the story's own files lie. */
  readonly folder?: string;
  /** Makes the host what the story begins with; what it makes goes with the story's folder or with `clean`. */
  readonly before?: string;
  /** Programs that are put on the host first: its path, and the file beside the story. */
  readonly puts?: Readonly<Record<string, string>>;
  readonly step: StepKeys;
  readonly files?: Readonly<Record<string, string>>;
  readonly owed?: boolean;
  readonly meanwhile?: string;
  readonly kill?: Kill;
  /** Bytes of its input that arrive. */
  readonly cut?: number;
  /** Values that are read from files of the host. */
  readonly reads?: Readonly<Record<string, string>>;
  /** Only the check is run: it must say that it is not so, and this. */
  readonly checks?: string;
  readonly ends?: Outcome['ending'];
  /** Part of what it must say. */
  readonly says?: string;
  /** How a second attempt ends, begun with \`do\` as after an unknown one. */
  readonly then?: Outcome['ending'];
  readonly holds?: string;
  /** Somebody else's doing after the step. */
  readonly later?: string;
  readonly leaseKept?: boolean;
  /** Whether the undo of another step then owes a restart. */
  readonly undoOwes?: boolean;
  /** \`undone\`, \`decide\`, or the beginning of another answer. Where it is \`undone\` the host must be as before. */
  readonly undo?: string;
  /** Subjects that may differ after undo, as patterns: what apt and dpkg write down. */
  readonly leaves?: readonly string[];
  readonly restored?: string;
  readonly clean?: string;
}

let count = 0;

/** Tells a story on a host; in the host's own shell, it also compares the whole host with what it was. */
export async function tell(
  lab: Lab,
  host: string,
  story: Story,
  values: Values,
  shell?: readonly string[],
): Promise<void> {
  const name = `story.s${++count}`;
  const operation = compileStep(story.step, story.files);
  if (operation.on !== 'host') throw new Error('only host operations have stories');
  const onHost = await entered(lab, host);
  const read: Record<string, string> = { ...values };
  const task = new Task(onHost, name, operation, read, shell);
  await task.must('rm -rf /srv/story; mkdir -p /srv/story /var/lib/belay/test');
  try {
    await putPrograms(onHost, story);
    if (story.before !== undefined) await task.must(story.before);
    for (const [value, file] of Object.entries(story.reads ?? {})) read[value] = await task.must(`cat ${file}`);
    if (story.undo === 'undone' && !shell) await lab.mark('story');
    await act(task, story);
    if (story.holds !== undefined) await task.must(story.holds);
    if (story.later !== undefined) await task.must(story.later);
    if (story.undo !== undefined) await goBack(task, story);
    if (story.undo === 'undone' && !shell) await sameHost(lab, story);
    if (story.restored !== undefined) await task.must(story.restored);
  } finally {
    await task.must(`${story.clean ?? ''}\nrm -rf /srv/story /var/lib/belay/test`);
  }
}

/** Puts the case's own programs on a host, by the path that they have there. */
export async function putPrograms(
  onHost: OnHost,
  { puts = {}, folder = '' }: Pick<Story, 'puts' | 'folder'>,
): Promise<void> {
  for (const [path, file] of Object.entries(puts))
    await onHost(['sh', '-c', 'cat >"$1"; chmod 755 "$1"', 'sh', path], await readFile(`${folder}/${file}`));
}

async function act(task: Task, story: Story): Promise<void> {
  const { owed = false, meanwhile, kill, cut } = story;
  if (story.checks !== undefined) {
    const { code, said } = await task.check();
    expect(code).toBe(1);
    expect(said).toContain(story.checks);
    return;
  }
  const outcome = await task.carryOut({
    owed,
    ...(meanwhile !== undefined && { meanwhile }),
    ...(kill && { kill }),
    ...(cut !== undefined && { cut }),
  });
  expect(outcome.ending, outcome.said).toBe(story.ends);
  if (story.says !== undefined) expect(outcome.said).toContain(story.says);
  if (story.then === undefined) return;
  const again = await task.carryOut({ owed, attempt: 2 });
  expect(again.ending, again.said).toBe(story.then);
}

async function goBack(task: Task, story: Story): Promise<void> {
  const { leaseKept = true, undo = '' } = story;
  const answer = await task.undo({ leaseKept });
  if (undo === 'undone') expect(answer).toBe('undone');
  else expect(answer.slice(0, undo.length)).toBe(undo);
  if (story.undoOwes) expect((await task.restart()).code).toBe(0);
}

/** Files with mode, owner and attributes, processes and ports: the whole host is as before the story. */
async function sameHost(lab: Lab, story: Story): Promise<void> {
  const { differences } = await lab.diff('story');
  const patterns = ['/var/lib/belay(?:/.*)?', ...(story.leaves ?? [])].map((pattern) => new RegExp(`^${pattern}$`));
  const left = differences.filter(({ subject }) => !patterns.some((pattern) => pattern.test(subject)));
  expect(left.map(({ change, subject, detail }) => `${change} ${subject} ${detail}`)).toEqual([]);
}
