import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TaskKnown, type Session, type Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { gather, request, shells, stdoutOf } from './request.js';
import { startSshd, until, type Sshd } from './sshd.js';

const capture = 'cat "$FILE" 2>/dev/null | sha256sum; [ -z "${BELAY_SAVE-}" ] || cp "$FILE" "$BELAY_SAVE/content"';

describe.each(shells)('the journal under %s', (_, shell) => {
  let sshd: Sshd;
  let sessions: Sessions;
  let session: Session;
  beforeAll(async () => {
    sshd = await startSshd();
    sessions = createSessions({ stateDirectory: sshd.state, shell });
    session = await sessions.open(sshd.destination(), 100);
  });
  afterAll(async () => {
    await sessions.close();
    await sshd.stop();
  });

  /** A file on the host with a task to change it. */
  const file = (
    name: string,
    content: string,
  ): { readonly task: string; readonly environment: Record<string, string> } => {
    const path = join(sshd.folder, name);
    writeFileSync(path, content);
    return { task: `files.${name}`, environment: { FILE: path } };
  };
  const saved = async (task: string): Promise<string | undefined> => {
    const bytes = await session.saved(task, 'content', 1000);
    return bytes && Buffer.from(bytes).toString();
  };

  test('it is for root alone, and says which format it has', () => {
    expect(statSync(join(sshd.state, 'h1')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(sshd.state, 'h1'))).toContain('format');
  });

  test('a task that was never heard of has no claims and no images', async () => {
    expect(await session.look('nobody.knows')).toEqual({ claims: [] });
  });

  test('only do and undo leave claims', async () => {
    for (const part of ['check', 'capture', 'present', 'verify'] as const)
      await session.run(request('echo x', { task: 'claims.a', part }));
    expect((await session.look('claims.a')).claims).toEqual([]);
    await session.run(request('exit 4', { task: 'claims.a', part: 'do', attempt: 2 }));
    await session.run(request('exit 5', { task: 'claims.a', part: 'undo', attempt: 1 }));
    expect((await session.look('claims.a')).claims).toEqual([
      { part: 'do', attempt: 2, holder: 100, bootId: session.bootId, state: 'exited', code: 4 },
      { part: 'undo', attempt: 1, holder: 100, bootId: session.bootId, state: 'exited', code: 5 },
    ]);
  });

  test('an attempt that has a claim is never started again', async () => {
    const options = { task: 'once.a', environment: { LEDGER: join(sshd.folder, 'ledger') } };
    const add = 'echo once >>"$LEDGER"; cat "$LEDGER"';
    expect(await session.run(request(add, options))).toMatchObject({ how: 'exited', code: 0 });
    expect(await session.run(request(add, options))).toMatchObject({
      how: 'lost',
      failure: { kind: 'step/outcome-unknown' },
    });
    expect((await stdoutOf(session, 'once.a')).toString()).toBe('once\n');
    expect(await session.follow({ task: 'once.a', attempt: 1, part: 'do' })).toMatchObject({ how: 'exited', code: 0 });
  });

  test('what is to be new to the host starts nothing where the journal knows the task', async () => {
    const ledger = join(sshd.folder, 'news');
    const add = (part: 'check' | 'do'): ReturnType<typeof request> =>
      request('echo once >>"$LEDGER"', { task: 'news.a', part, fresh: true, environment: { LEDGER: ledger } });
    expect(await session.run(add('check'))).toMatchObject({ how: 'exited', code: 0 });
    for (const part of ['check', 'do'] as const) await expect(session.run(add(part))).rejects.toThrow(TaskKnown);
    expect(readFileSync(ledger, 'utf8')).toBe('once\n');
    expect((await session.look('news.a')).claims).toEqual([]);
  });

  test('capture keeps the pre-image and its line, and do and undo find both', async () => {
    const { task, environment } = file('kept', 'before');
    expect(await session.run(request(capture, { task, part: 'capture', environment }))).toMatchObject({ code: 0 });
    const { preImage } = await session.look(task);
    expect(preImage).toMatch(/^[0-9a-f]{64} {2}-$/);
    expect(await saved(task)).toBe('before');
    await session.run(request('echo "$BELAY_PRE_IMAGE"; cat "$BELAY_PRE/content"', { task, environment }));
    expect((await stdoutOf(session, task)).toString()).toBe(`${preImage}\nbefore`);
  });

  test('present prints the image and saves nothing', async () => {
    const { task, environment } = file('present', 'now');
    const gathered = gather();
    await session.run(
      request(`${capture}; echo "\${BELAY_SAVE-unset}"`, { task, part: 'present', environment }),
      gathered.watch,
    );
    expect(gathered.text()).toMatch(/^[0-9a-f]{64} {2}-\nunset\n$/);
    expect((await session.look(task)).preImage).toBeUndefined();
  });

  test('a pre-image is not captured anew while a claim stands', async () => {
    const { task, environment } = file('stands', 'before');
    await session.run(request(capture, { task, part: 'capture', environment }));
    await session.run(request('echo ours >"$FILE"; exit 9', { task, environment, refusal: 75 }));
    expect(await session.run(request(capture, { task, part: 'capture', attempt: 2, environment }))).toMatchObject({
      code: 0,
    });
    expect(await saved(task)).toBe('before');
  });

  test('a pre-image is captured though the task has restarted something for the undo of others', async () => {
    const { task, environment } = file('restarted', 'before');
    expect(await session.run(request('true', { task, part: 'undo', environment }))).toMatchObject({ code: 0 });
    await session.run(request(capture, { task, part: 'capture', environment }));
    expect(await saved(task)).toBe('before');
    await session.run(request('echo "$BELAY_PRE_IMAGE"', { task, environment }));
    expect((await stdoutOf(session, task)).toString()).toBe(`${(await session.look(task)).preImage ?? ''}\n`);
  });

  test('a capture is refused where an attempt may have acted and no pre-image was kept', async () => {
    const { task, environment } = file('unkept', 'before');
    await session.run(request('echo ours >"$FILE"; exit 9', { task, environment }));
    expect(await session.run(request(capture, { task, part: 'capture', attempt: 2, environment }))).toMatchObject({
      how: 'refused',
      failure: { kind: 'step/capture-failed', known: expect.stringContaining('no pre-image') },
    });
    expect(await session.look(task)).toEqual({ claims: [expect.objectContaining({ part: 'do', attempt: 1 })] });
  });

  test('a pre-image is captured anew after attempts that all refused', async () => {
    const { task, environment } = file('refused', 'before');
    await session.run(request(capture, { task, part: 'capture', environment }));
    const { preImage } = await session.look(task);
    await session.run(request('exit 75', { task, environment, refusal: 75 }));
    writeFileSync(environment['FILE'] ?? '', 'mended');
    await session.run(request(capture, { task, part: 'capture', attempt: 2, environment }));
    expect(await saved(task)).toBe('mended');
    expect((await session.look(task)).preImage).not.toBe(preImage);
  });

  test.each([
    ['that fails', 'cp "$FILE" "$BELAY_SAVE/content"; echo image; exit 1'],
    ['that is killed half-way', 'cp "$FILE" "$BELAY_SAVE/content"; echo image; kill -9 $$'],
    ['that runs out of time', 'cp "$FILE" "$BELAY_SAVE/content"; echo image; sleep 60'],
  ])('a capture %s leaves no pre-image, and the next one starts from nothing', async (name, text) => {
    const { task, environment } = file(name.replaceAll(' ', '-'), 'before');
    await session.run(request(text, { task, part: 'capture', environment, seconds: 1 }));
    expect(await session.look(task)).toEqual({ claims: [] });
    expect(await saved(task)).toBeUndefined();
    await session.run(
      request('ls -A "$BELAY_SAVE"; cp "$FILE" "$BELAY_SAVE/other"', {
        task,
        part: 'capture',
        environment,
        attempt: 2,
      }),
    );
    expect((await session.look(task)).preImage).toBe('');
  });

  test('a saved file that is bigger than asked for is not given', async () => {
    const { task, environment } = file('big', 'x'.repeat(1001));
    await session.run(request(capture, { task, part: 'capture', environment }));
    expect(await saved(task)).toBeUndefined();
    expect((await session.saved(task, 'content', 1001))?.length).toBe(1001);
    expect(await session.saved(task, 'nothing', 1001)).toBeUndefined();
  });

  test('the post-image is kept as it was given', async () => {
    await session.run(request('true', { task: 'post.a' }));
    const image = `it's "quoted" \\n $(x) * naïve`;
    await session.keepPostImage('post.a', image);
    expect((await session.look('post.a')).postImage).toBe(image);
    await session.keepPostImage('post.a', '');
    expect((await session.look('post.a')).postImage).toBe('');
  });

  test('a post-image is answered with the pre-image, where there is one', async () => {
    const { task, environment } = file('both', 'old');
    await session.run(request(capture, { task, part: 'capture', environment }));
    await session.run(request('true', { task, environment }));
    const { preImage } = await session.look(task);
    expect(preImage).toMatch(/^[0-9a-f]{64}/);
    expect(await session.keepPostImage(task, 'after')).toBe(preImage);
    await session.run(request('true', { task: 'post.b' }));
    expect(await session.keepPostImage('post.b', 'after')).toBeUndefined();
  });

  test.each([
    ['a line, blanks and all', "printf ' a  line * $(x) na\\303\\257ve\\n'", ' a  line * $(x) naïve\n'],
    ['nothing', 'true', ''],
  ])('what prints %s, and is asked for that, tells it with its end', async (_what, text, stdout) => {
    const end = await session.run(request(text, { task: 'line.a', part: 'verify', printsLine: true }));
    expect(end).toMatchObject({ how: 'exited', code: 0, printed: { stdout, stderr: '' } });
  });

  test.each([
    ['two lines', 'echo a; echo b'],
    ['more than a line', 'echo a; printf b'],
    ['no whole line', 'printf a'],
    ['a line that is too long', 'printf %03000d 1; echo'],
    ['a line and an error', 'echo a; echo b >&2'],
    ['an empty line', 'echo'],
  ])('what prints %s has to be read', async (_what, text) => {
    const end = await session.run(request(text, { task: 'line.b', part: 'verify', printsLine: true }));
    expect(end).toEqual({ how: 'exited', code: 0, milliseconds: expect.any(Number) as number });
  });

  test('what is not asked for its line has to be read', async () => {
    const end = await session.run(request('echo a', { task: 'line.c', part: 'verify' }));
    expect(end).not.toHaveProperty('printed');
  });

  test('quiet ends what runs for the task, and waits for it', async () => {
    const running = session.run(request('sleep 60 | cat', { task: 'quiet.a' }));
    await until('it runs', async () => (await session.look('quiet.a')).claims[0]?.state === 'running');
    await session.quiet('quiet.a');
    expect((await session.look('quiet.a')).claims).toMatchObject([{ state: 'cancelled' }]);
    expect(await running).toMatchObject({ how: 'cancelled' });
  });

  test('forgetting a task removes all that the host kept of it, and nothing of others', async () => {
    const { task, environment } = file('forgotten', 'before');
    await session.run(request(capture, { task, part: 'capture', environment }));
    await session.run(request('true', { task }));
    await session.run(request('true', { task: 'kept.a' }));
    await session.forget([task, 'never.was']);
    expect(await session.look(task)).toEqual({ claims: [] });
    expect((await session.look('kept.a')).claims).toHaveLength(1);
    expect(readdirSync(join(sshd.state, 'h1', 'names'))).not.toContain(task);
  });

  test('a task whose script runs is not forgotten', async () => {
    const running = session.run(request('sleep 60', { task: 'busy.a' }));
    await until('it runs', async () => (await session.look('busy.a')).claims[0]?.state === 'running');
    await expect(session.forget(['busy.a'])).rejects.toThrow(/still runs/);
    await session.quiet('busy.a');
    await running;
  });

  test('many tasks at once are kept apart', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const texts = await Promise.all(
      numbers.map(async (number) => {
        const gathered = gather();
        await session.run(
          request('sleep 0.2; echo "$N"', { task: `many.t${number}`, environment: { N: String(number) } }),
          gathered.watch,
        );
        return gathered.text();
      }),
    );
    expect(texts).toEqual(numbers.map((number) => `${number}\n`));
  });

  test('a journal in memory, or of another format, is refused with the reason', async () => {
    const inMemory = createSessions({ stateDirectory: '/dev/shm/belay-test', shell });
    await expect(inMemory.open(sshd.destination(), 100)).rejects.toMatchObject({
      failure: { kind: 'host/unsuitable' },
    });
    mkdirSync(join(sshd.state, 'later', 't'), { recursive: true });
    writeFileSync(join(sshd.state, 'later', 'format'), '2\n');
    await expect(sessions.open(sshd.destination('later'), 100)).rejects.toMatchObject({
      failure: { kind: 'host/unsuitable', known: expect.stringContaining('format 2') },
    });
  });
});
