import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attempt, Outcome } from '../../activities/ssh/attempt.js';
import { carryOut } from '../../activities/ssh/carry-out.js';
import { hinted } from '../../activities/ssh/hinted.js';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import type { HostOperation } from '../../model/operation.js';
import type { PlannedHint, PlannedStep } from '../../model/plan.js';
import { register } from '../../model/runbook/register.js';
import { attemptOf } from './attempt.js';
import { processesNamed, runnersOf } from './processes.js';
import { request } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

const secret = 'correct-horse-battery';

interface Told {
  /** The connection is cut just before this is asked of the host for the first time. */
  readonly cutBefore?: 'look' | 'output';
  /** It is carried out by a worker that dies before it has told how it ended, and then by another one. */
  readonly takenUp?: true;
  /** It was carried out, and then the records have lost it, as those that are restored from a backup have. */
  readonly forgotten?: true;
  /** Whatever it wrote cannot be read, on any connection. */
  readonly outOfReach?: true;
  /** Seconds for which a lost host is asked again. */
  readonly lostAfter?: number;
  /** Aborted when another worker looks after it. */
  readonly detached?: AbortController;
  readonly operation?: Partial<HostOperation>;
  readonly registers?: Readonly<Record<string, object>>;
  readonly hints?: readonly PlannedHint[];
  /** Expressions that do not hold. */
  readonly asserts?: readonly string[];
}

let sshd: Sshd;
let sessions: Sessions;
let count = 0;
let holder = 100;

beforeAll(async () => {
  sshd = await startSshd();
  sessions = createSessions({ stateDirectory: sshd.state, shell: ['/bin/sh'] });
});
afterAll(async () => {
  await sessions.close();
  await sshd.stop();
});

/** Carries out one step of this script on a real host, with nothing kept in Postgres. */
async function outcomeOf(text: string, told: Told = {}): Promise<Outcome> {
  count += 1;
  const name = { run: 'run-abcdefgh', step: `s${count}.key-1`, host: 'h1' };
  const rules = Object.entries(told.registers ?? {}).map(([key, rule]) => [key, register.parse(rule)] as const);
  const step = {
    id: name.step,
    name: 'It is so',
    timeout: 30,
    register: Object.fromEntries(rules),
    assert: told.asserts ?? [],
    ...(told.lostAfter !== undefined && { lostAfter: told.lostAfter }),
    ...(told.hints && { hints: told.hints }),
  } as unknown as PlannedStep;
  const attempt = attemptOf({
    name,
    holder: ++holder,
    step,
    work: {
      destination: sshd.destination(),
      operation: { on: 'host', do: { text }, ...told.operation },
      intents: [],
    },
    session: cut(await sessions.open(sshd.destination(), holder), told.cutBefore),
    filler: { fill: (one) => ({ value: String(one), secret: one === secret }), secrets: [secret] },
    needs: {
      sessions,
      assert: async () => ({ holds: false, read: {} }),
      limits: { outcome: 5, look: 10, output: 2_000_000 },
    },
    ...(told.detached && { detached: told.detached.signal }),
  });
  const outcome = told.takenUp
    ? await takenUp(attempt)
    : told.forgotten
      ? await forgotten(attempt)
      : await carryOut(attempt);
  return hinted(
    told.outOfReach ? { ...attempt, session: mute, needs: { ...attempt.needs, sessions: muted } } : attempt,
    outcome,
  );
}

/** What the next worker makes of an attempt whose outcome nobody has heard of. */
async function takenUp(attempt: Attempt): Promise<Outcome> {
  const { nonce, bootId } = attempt.session;
  await carryOut(attempt);
  return carryOut({
    ...attempt,
    holder: ++holder,
    work: { ...attempt.work, intents: [{ attempt: 1, nonce, bootId }] },
    session: await sessions.open(sshd.destination(), holder),
  });
}

/** What is made of a task that the records call new, and its host does not. */
async function forgotten(attempt: Attempt): Promise<Outcome> {
  await carryOut({ ...attempt, fresh: true });
  return carryOut({
    ...attempt,
    fresh: true,
    holder: ++holder,
    session: await sessions.open(sshd.destination(), holder),
  });
}

const mute = { output: () => Promise.reject(new Error('gone')) } as unknown as Session;
const muted = { open: () => Promise.resolve(mute) } as unknown as Sessions;

/** Kills the sshd process of the one connection. */
async function cutConnection(): Promise<void> {
  process.kill(runnersOf(sshd.state, 'h1')[0]!.parent, 'SIGKILL');
}

function cut(session: Session, before: string | undefined): Session {
  return new Proxy(session, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...asked: unknown[]): Promise<unknown> => {
        if (name === before) await cutConnection();
        return Reflect.apply(value, target, asked) as unknown;
      };
    },
  });
}

test('a task that the records have lost is not new to its host: its end is taken from the journal', async () => {
  const file = join(sshd.folder, 'forgotten');
  const outcome = await outcomeOf(`echo done >>${file}`, {
    forgotten: true,
    operation: { check: { text: `[ -e ${file} ]` } } as Partial<HostOperation>,
  });
  expect(outcome).toMatchObject({ ending: 'done', exit: 0 });
  expect(readFileSync(file, 'utf8')).toBe('done\n');
});

test('an end that nobody has heard of is taken from the journal, and never passes for already so', async () => {
  const file = join(sshd.folder, 'effect');
  const outcome = await outcomeOf(`echo done >>${file}`, {
    takenUp: true,
    operation: { check: { text: `[ -e ${file} ]` } } as Partial<HostOperation>,
  });
  expect(outcome).toMatchObject({ ending: 'done', exit: 0 });
  expect(readFileSync(file, 'utf8')).toBe('done\n');
});

describe('what a step registers', () => {
  test('is read from its real output, typed', async () => {
    const outcome = await outcomeOf(`printf 'name\\tuid\\n'; awk -F: '$3 == 0 { print $1 "\\t" $3 }' /etc/passwd`, {
      registers: {
        roots: {
          from: 'stdout',
          parse: 'tsv',
          of: { type: 'map', fields: { name: { type: 'text' }, uid: { type: 'integer' } } },
        },
        code: { from: 'exit' },
      },
    });
    expect(outcome).toMatchObject({ ending: 'done', registered: { roots: [{ name: 'root', uid: 0 }], code: 0 } });
  });

  test('has secrets masked before it is read', async () => {
    const outcome = await outcomeOf(`echo '{"password": "${secret}", "base64": "${btoa(secret)}"}'`, {
      registers: { all: { from: 'stdout', parse: 'json', type: 'map', of: { type: 'text' } } },
    });
    const { all } = outcome.registered as { all: Record<string, string> };
    expect(all['password']).toBe('*'.repeat(secret.length));
    expect(JSON.stringify(outcome)).not.toContain(btoa(secret).slice(0, 12));
  });

  test('fails the step where it is not of its format, with the place, and nothing of what stood there', async () => {
    const outcome = await outcomeOf(`printf '{"a": 1,\\n"b": oops-%s}' ${secret}`, {
      registers: { all: { from: 'stdout', parse: 'json', type: 'map', of: { type: 'integer' } } },
    });
    expect(outcome).toMatchObject({
      ending: 'partial',
      failure: {
        kind: 'step/output-unreadable',
        known:
          'its stdout cannot be read as json: line 2, column 6: the JSON text has no value; so `all` cannot be registered',
      },
    });
  });
});

describe('an effect', () => {
  test('is not done where verify does not find it, whatever its exit code was', async () => {
    const verify = { text: '[ -e /nowhere/at/all ]' };
    expect(await outcomeOf('exit 0', { operation: { verify } })).toMatchObject({
      ending: 'partial',
      failure: { kind: 'step/verify-failed' },
    });
    expect(await outcomeOf('exit 0', { operation: { verify: { text: 'true' } } })).toMatchObject({ ending: 'done' });
  });
});

describe('a secret', () => {
  test('is refused as an argument, whatever the plan says', async () => {
    const file = join(sshd.folder, 'ran');
    const operation = { do: { text: `echo "$1" >${file}`, arguments: [secret] } };
    await expect(outcomeOf('', { operation })).rejects.toMatchObject({ failure: { kind: 'step/value-unusable' } });
    expect(existsSync(file)).toBe(false);
  });
});

describe('a hint', () => {
  test('is given by what the failed script wrote last, however much it wrote', async () => {
    const text = 'head -c 300000 /dev/zero | tr "\\\\0" x; echo; echo "connection refused: 6379" >&2; exit 3';
    const outcome = await outcomeOf(text, {
      hints: [
        { stderr: 'refused: \\d+', exit: [3], advice: 'start it first' },
        { stdout: 'x\\n$', advice: 'it wrote much' },
        { stdout: 'refused', advice: 'wrong' },
      ],
    });
    expect(outcome).toMatchObject({
      ending: 'partial',
      failure: { kind: 'step/exit', hints: ['start it first', 'it wrote much'] },
    });
  });

  test('looks at the script that failed', async () => {
    const check = { text: 'echo "no such user" >&2; exit 7' };
    const hints = [{ stderr: 'no such user', exit: [7], advice: 'make the user' }];
    expect(await outcomeOf('true', { operation: { check }, hints })).toMatchObject({
      ending: 'refused',
      failure: { kind: 'step/check-failed', hints: ['make the user'] },
    });
    const verify = { text: 'echo "no such user" >&2; exit 7' };
    expect(await outcomeOf('true', { operation: { verify }, hints })).toMatchObject({
      ending: 'partial',
      failure: { kind: 'step/verify-failed', hints: ['make the user'] },
    });
  });

  test('is given by how a script ended whose output is not what it must be', async () => {
    const hints = [
      { exit: [0], advice: 'look at the list' },
      { exit: [1], advice: 'wrong' },
    ];
    expect(await outcomeOf('true', { hints, asserts: ['false'] })).toMatchObject({
      ending: 'partial',
      exit: 0,
      failure: { kind: 'step/assert-failed', hints: ['look at the list'] },
    });
  });

  test('is given where the connection is lost before its output is read, and where it comes back in the midst of the step', async () => {
    const hints = [{ stderr: 'refused', exit: [3], advice: 'start it first' }];
    const text = 'echo refused >&2; exit 3';
    for (const cutBefore of ['output', 'look'] as const)
      expect(await outcomeOf(text, { hints, cutBefore })).toMatchObject({
        ending: 'partial',
        failure: { kind: 'step/exit', hints: ['start it first'] },
      });
  });

  test('that asks for no output is given where the output is out of reach', async () => {
    const hints = [
      { exit: [3], advice: 'code 3 means that it is locked' },
      { stdout: '', advice: 'wrong: nobody knows what it wrote' },
    ];
    const outcome = await outcomeOf('exit 3', { hints, outOfReach: true });
    expect(outcome.failure?.hints).toEqual(['code 3 means that it is locked']);
  });

  test('never sees a secret, and is not given where nothing failed', async () => {
    const hints = [{ stdout: secret, advice: 'wrong' }];
    expect((await outcomeOf(`echo ${secret}; exit 1`, { hints })).failure).not.toHaveProperty('hints');
    expect(await outcomeOf('echo refused', { hints: [{ stdout: 'refused', advice: 'wrong' }] })).toMatchObject({
      ending: 'done',
    });
  });
});

describe('a look that is ended in a step', () => {
  /** A step of which every part writes down that it ran; at its first time, `slow` then hangs until `struck`. */
  const endedIn = async (
    slow: 'verify' | 'capture',
    struck: () => Promise<void>,
    told: Told,
  ): Promise<{ outcome: Outcome; ran: string[] }> => {
    const ledger = join(sshd.folder, `ledger-${count}`);
    const marker = `7${process.pid}${count}`;
    const noted = (part: string): string =>
      `echo ${part} >>"$LEDGER"${part === slow ? `; [ $(grep -c ^${part} "$LEDGER") != ${part === 'capture' ? 2 : 1} ] || sleep ${marker}` : ''}`;
    const script = (part: string): { text: string; environment: { LEDGER: string } } => ({
      text: `${noted(part)}; echo image`,
      environment: { LEDGER: ledger },
    });
    const carried = outcomeOf('', {
      ...told,
      operation: { do: script('do'), verify: script('verify'), capture: script('capture') },
    });
    await until(`${slow} runs`, () => processesNamed(`sleep ${marker}`).length === 1);
    await struck();
    const outcome = await carried;
    return { outcome, ran: existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : [] };
  };

  /** Another worker that has the same task, too, under the same holder. */
  const anotherLooks = async (): Promise<void> => {
    const session = await sessions.open(sshd.destination(), holder);
    const task = `run-abcdefgh.s${count}.key-1`;
    await session.run(request('true', { task, part: 'verify', holder }));
  };

  test('by the loss of its connection, in its verify: the host is asked again, and the step is done once', async () => {
    const { outcome, ran } = await endedIn('verify', cutConnection, { lostAfter: 20 });
    expect(outcome).toMatchObject({ ending: 'done', exit: 0, postImage: 'image' });
    expect(ran).toEqual(['capture', 'do', 'verify', 'verify', 'capture']);
  });

  test('by the loss of its connection, when its post-image is taken: the host is asked again, and the step is done once', async () => {
    const { outcome, ran } = await endedIn('capture', cutConnection, { lostAfter: 20 });
    expect(outcome).toMatchObject({ ending: 'done', exit: 0, postImage: 'image' });
    expect(ran).toEqual(['capture', 'do', 'verify', 'capture', 'verify', 'capture']);
  });

  test('by another worker that has the task for a moment, too: it is made again', async () => {
    const { outcome, ran } = await endedIn('verify', anotherLooks, {});
    expect(outcome).toMatchObject({ ending: 'done', exit: 0, postImage: 'image' });
    expect(ran).toEqual(['capture', 'do', 'verify', 'verify', 'capture']);
  });

  test.each([
    ['by another worker', anotherLooks],
    ['by the loss of its connection', cutConnection],
  ])('%s, once that one looks after it: this one looks no more', async (_, struck) => {
    const detached = new AbortController();
    const leave = async (): Promise<void> => {
      detached.abort();
      await struck();
    };
    const { outcome, ran } = await endedIn('verify', leave, { lostAfter: 20, detached });
    expect(outcome.ending).not.toBe('done');
    expect(ran).toEqual(['capture', 'do', 'verify']);
  });

  test.each(['look', 'output'] as const)('before its do, when it asks for %s: it is done once', async (cutBefore) => {
    const ledger = join(sshd.folder, `ledger-${cutBefore}`);
    const operation = { capture: { text: 'echo image' }, do: { text: `echo do >>${ledger}` } };
    expect(await outcomeOf('', { cutBefore, lostAfter: 20, operation })).toMatchObject({ ending: 'done', exit: 0 });
    expect(readFileSync(ledger, 'utf8')).toBe('do\n');
  });

  test('leaves its outcome unknown once the time to ask again is over', async () => {
    const { outcome, ran } = await endedIn('verify', cutConnection, { lostAfter: 0 });
    expect(outcome).toMatchObject({ ending: 'unknown', failure: { kind: 'host/unreachable' } });
    expect(ran).toEqual(['capture', 'do', 'verify']);
  });
});
