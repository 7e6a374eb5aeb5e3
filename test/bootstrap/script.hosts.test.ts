import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../apps/cli/folders.js';

const folder = mkdtempSync(join(tmpdir(), 'belay-bootstrap-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of the files that git knows, with this checkout's packages or without any. */
function checkout(name: string, packages: boolean): string {
  const copy = join(folder, name);
  const listed = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: projectFolder(),
    encoding: 'utf8',
  });
  for (const file of listed.stdout.split('\0').filter((each) => each !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    try {
      copyFileSync(join(projectFolder(), file), join(copy, file));
    } catch (error) {
      // Listed, but removed from the working tree.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  if (packages) symlinkSync(join(projectFolder(), 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

interface Typed {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function type(script: string, words: string[], more: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Typed> {
  return new Promise((resolve, reject) => {
    const child = spawn(script, words, { stdio: ['ignore', 'pipe', 'pipe'], ...more });
    const typed = { out: '', err: '' };
    child.stdout.on('data', (bytes: Buffer) => (typed.out += bytes.toString('utf8')));
    child.stderr.on('data', (bytes: Buffer) => (typed.err += bytes.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...typed }));
  });
}

describe('./belay in a checkout that is not built', () => {
  let top: string;
  let first: Typed[];

  beforeAll(async () => {
    top = checkout('plain', true);
    first = await Promise.all([type(join(top, 'belay'), ['--help']), type(join(top, 'belay'), ['--help'])]);
  });

  it('builds once for two callers at once, and serves both', () => {
    for (const typed of first)
      expect(typed).toMatchObject({ code: 0, out: expect.stringContaining('Usage: belay') as string });
    const errors = first.map(({ err }) => err).join('');
    expect(errors.match(/^belay: building$/gm)).toHaveLength(1);
    expect(errors.match(/^belay: waiting for another belay that prepares this checkout$/gm)).toHaveLength(1);
  });

  it('is silent the second time, from any folder and through links', async () => {
    symlinkSync('plain/belay', join(folder, 'relative'));
    symlinkSync(join(folder, 'relative'), join(folder, 'absolute'));
    for (const script of [join(top, 'belay'), join(folder, 'relative'), join(folder, 'absolute')])
      expect(await type(script, ['--help'], { cwd: '/' })).toMatchObject({ code: 0, err: '' });
  });

  it('passes words and exit code through as they are', async () => {
    const typed = await type(join(top, 'belay'), ['no such "command"', '$(id)']);
    expect(typed.code).toBe(2);
    expect(typed.err).toContain('no such "command"');
  });

  it('builds again when a source has changed, and leaves no half build behind', async () => {
    appendFileSync(join(top, 'model', 'value.ts'), '\n// changed\n');
    expect((await type(join(top, 'belay'), ['--help'])).err).toContain('belay: building');
    expect(readdirSync(top).filter((name) => name.startsWith('build'))).toEqual(['build']);
  });

  it('says in one line what keeps it from building', async () => {
    appendFileSync(join(top, 'model', 'value.ts'), '\nexport const = ;\n');
    const typed = await type(join(top, 'belay'), ['--help']);
    expect(typed.code).toBe(1);
    expect(typed.err).toMatch(
      /belay: the build failed \(model\/value.ts.*error TS.*\); needed to run this version of Belay; see/,
    );
  });
});

describe('./belay without its packages', () => {
  it('says in one line that npm is missing', async () => {
    const top = checkout('no-npm', false);
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const tools = 'sh date readlink dirname find sort xargs sha256sum cut cat mkdir flock grep tail head rm mv'.split(
      ' ',
    );
    for (const tool of tools)
      symlinkSync(spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim(), join(bin, tool));
    expect(await type(join(top, 'belay'), ['--help'], { env: { PATH: bin } })).toEqual({
      code: 1,
      out: '',
      err: 'belay: there is no npm; needed for Belay to run at all; install Node.js 20 or newer, with npm\n',
    });
  });

  it('says in one line why npm could not install them', async () => {
    const top = checkout('no-network', false);
    const nowhere = {
      npm_config_registry: 'http://127.0.0.1:1',
      npm_config_cache: join(folder, 'npm-cache'),
      npm_config_fetch_retries: '0',
    };
    const typed = await type(join(top, 'belay'), ['--help'], { env: { ...process.env, ...nowhere } });
    expect(typed.code).toBe(1);
    expect(typed.err.split('\n')).toHaveLength(3);
    expect(typed.err).toMatch(
      /^belay: npm ci failed \(npm error.*\); needed for Belay to run at all; see .*npm.log; npm must reach its registry$/m,
    );
  });
});
