import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../activities/ssh/attempt.js';
import { carryOut } from '../../activities/ssh/carry-out.js';
import type { Filler } from '../../activities/ssh/needs.js';
import type { Destination, Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { transformContent } from '../../apps/worker/wiring/transform-content.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import type { HostOperation } from '../../model/operation.js';
import { step } from '../database/example.js';
import { attemptOf } from '../ssh/attempt.js';
import { entered, type OnHost } from './harness.js';
import { everyInput, mostNasty, nastyInputs, type Input } from './leaves.js';

const canary = '/canary';
const values = nastyInputs(canary);
/** The kinds that write what they are given into one file. */
const kinds = ['cron', 'edit', 'file', 'hosts_file'];
const inputs = everyInput().filter(({ kind }) => kinds.includes(kind));
const lab = 'nasty-effects';

/** The keys of a step that say which file it writes, and what it expects there. */
interface Written {
  readonly path?: string;
  readonly file?: string;
  readonly name?: string;
  readonly format?: string;
  readonly after?: string;
  readonly content?: string;
  readonly schedule?: string;
}

/** Whatever only a run would know is an address here. */
const filler: Filler = {
  fill: (text) => ({
    value:
      typeof text === 'string'
        ? text
        : text.template.map((piece) => (typeof piece === 'string' ? piece : '10.0.0.2')).join(''),
    secret: false,
  }),
  secrets: [],
};

const before: Readonly<Record<string, string>> = {
  words: 'bind 1\n# more\n',
  ini: '[e]\nf = 1\n',
  json: '{"b": ["x"], "c": 1, "d": 2}\n',
};

const pathOf = (kind: string, { path, file, name }: Written): string =>
  kind === 'hosts_file' ? '/etc/hosts' : kind === 'cron' ? `/etc/cron.d/${name ?? ''}` : (path ?? file ?? '');

/** What is there before; undefined where nothing is. */
function former(kind: string, { format = '', after }: Written): string | undefined {
  if (kind === 'hosts_file') return '127.0.0.1\tlocalhost\n';
  if (kind !== 'edit') return undefined;
  return before[format] ?? `first\n${after ?? ''}\nlast\n`;
}

describe('nasty values in a file that a step writes', () => {
  let place: Lab;
  let onHost: OnHost;
  let sessions: Sessions;
  let session: Session;
  let destination: Destination;
  let number = 0;
  const arrived = new Set<string>();
  beforeAll(async () => {
    place = await labUp({ name: lab, description: { hosts: { node1: {} } } });
    onHost = await entered(place, 'node1');
    sessions = createSessions();
    const { address, port, hostKeys } = place.host('node1');
    const key = { privateKey: readFileSync(place.keyFile) };
    destination = { host: 'node1', address, port, user: 'root', hostKeys, key };
    session = await sessions.open(destination, 100);
    await onHost(['mkdir', '-p', '/srv/nasty', '/etc/cron.d']);
  });
  afterAll(async () => {
    await sessions?.close();
    await labDown(lab);
  });

  it.each(inputs.map((input) => [`${input.kind}: ${input.path.join('.')}`, input] as const))(
    'are refused, or arrive byte for byte, as %s',
    async (_, input) => {
      const accepted = values.filter((value) => input.with(value)?.on === 'host');
      const every = Math.ceil(accepted.length / mostNasty);
      for (const value of accepted.filter((_value, index) => index % every === 0)) await meet(input, value);
      expect(existsSync(join(place.host('node1').root, canary))).toBe(false);
    },
  );

  it('are not all refused', () => expect([...arrived].sort()).toEqual(kinds));

  async function meet(input: Input, value: string): Promise<void> {
    const { kind, path: leaf } = input;
    const operation = input.with(value) as HostOperation;
    const written = input.written(value)[kind] as Written;
    const path = pathOf(kind, written);
    const there = former(kind, written);
    await onHost(['rm', '-f', '--', path]);
    if (there !== undefined) await onHost(['sh', '-c', 'cat >"$1"', 'sh', path], there);
    const had = await contentOf(path);
    const { ending } = await carriedOut(operation);
    const has = await contentOf(path);
    const called = `${ending}: ${JSON.stringify(value)}`;
    expect(ending, called).toMatch(/^(done|ok|refused|partial)$/);
    if (ending === 'refused') expect(has, called).toEqual(had);
    if (ending !== 'done' && ending !== 'ok') return;
    arrived.add(kind);
    const { transform } = operation;
    const content = transform ? await transformContent(transform, had ?? Buffer.alloc(0), filler) : written.content;
    expect(has?.toString('latin1'), called).toBe(Buffer.from(content ?? '').toString('latin1'));
    expect(await shows(`${kind}.${leaf.slice(1).join('.')}`, value, written, String(has)), called).toBe(true);
  }

  /** Whether the value itself stands in the file, as whoever is to read it would find it. */
  async function shows(where: string, value: string, { schedule = '' }: Written, text: string): Promise<boolean> {
    const lines = text.split('\n');
    const [, job = ''] = text.split(`\n${schedule} root `);
    const command = job.replace(/\n$/, '').replaceAll('\\%', '%');
    const tree = where.startsWith('edit.set./') ? (JSON.parse(text) as { b: unknown[]; c: unknown }) : undefined;
    if (where === 'file.content') return text === value;
    if (where === 'cron.command') return command === value;
    if (where.startsWith('cron.command.')) return (await wordsOf(command)).includes(value);
    if (where === 'edit.set./b/-') return tree?.b.includes(value) === true;
    if (where === 'edit.set./c') return tree?.c === value;
    if (where === 'edit.set.bind') return lines.includes(`bind ${value}`.trimEnd());
    if (where.startsWith('edit.set.save.')) return lines.includes(`save ${value}`.trimEnd());
    if (where === 'edit.present.0') return lines.includes(value);
    if (where.startsWith('hosts_file.entries.')) return lines.some((line) => line.split(/\s/).slice(1).includes(value));
    return true;
  }

  /** The words of a command as the shell of cron would read them. */
  async function wordsOf(command: string): Promise<string[]> {
    const { stdout } = await onHost([
      'sh',
      '-c',
      `for word in ${command}; do printf '%s' "$word" | base64 -w0; echo; done`,
    ]);
    return stdout.split('\n').map((line) => Buffer.from(line, 'base64').toString('utf8'));
  }

  /** The bytes of a file, read outside of Belay; undefined where there is none. */
  async function contentOf(path: string): Promise<Buffer | undefined> {
    const { code, stdout } = await onHost(['base64', '-w0', '--', path]);
    return code === 0 ? Buffer.from(stdout, 'base64') : undefined;
  }

  async function carriedOut(operation: HostOperation): Promise<Outcome> {
    const name = { run: 'run-nasty', step: `s${String(++number)}`, host: 'node1' };
    const attempt = attemptOf({
      ...{ name, session, filler },
      step: step(name.step, ['node1'], { operations: [operation] }),
      work: { destination, operation, intents: [] },
      needs: { sessions, transform: transformContent },
    });
    return carryOut(attempt);
  }
});
