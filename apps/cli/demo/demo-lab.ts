import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { projectFolder } from '../folders.js';
import { Stop } from '../stop.js';
import { say, type World } from '../world.js';

/** The demonstration's own lab; others can stand beside it. */
const name = 'demo';
const mark = 'before';

/** What the lab's own program tells of itself. */
const status = z.object({
  inventory: z.string(),
  key: z.string(),
  directory: z.object({ url: z.string(), manager: z.string(), passwordFile: z.string() }),
});

export type DemoLab = z.infer<typeof status> & {
  /** The entry that holds the cluster's settings. */
  readonly appliance: string;
};

/** Makes the lab, or raises what of it does not run. */
export async function labUp(world: World, folder: string): Promise<DemoLab> {
  await lab(world, ['up', '--folder', folder], 'shown');
  const answer = await lab(world, ['status', '--json'], 'taken');
  return { ...status.parse(JSON.parse(answer.text)), appliance: 'inum=@!1111,ou=appliances,o=gluu' };
}

export async function labDown(world: World): Promise<void> {
  await lab(world, ['down'], 'shown');
}

/** Remembers what the hosts are like. */
export async function markLab(world: World): Promise<void> {
  await lab(world, ['mark', mark], 'shown');
}

/** Seconds for which what Belay's own runners leave running may still end. */
const patience = 20;

/**
 * Prints what differs from the mark; false where something does that should not, or where a difference that is allowed
 * does not occur.
 */
export async function compareWithMark(world: World): Promise<boolean> {
  for (let waited = 0; ; waited += 2) {
    const { code, text } = await lab(world, ['diff', mark, '--strict-patterns'], 'taken');
    if (code !== 0 && waited < patience) {
      await sleep(2000);
      continue;
    }
    say(world, text);
    return code === 0;
  }
}

/** Runs the lab's own program; the CLI reaches no host by itself. */
async function lab(
  world: World,
  words: readonly string[],
  output: 'shown' | 'taken',
): Promise<{ code: number; text: string }> {
  const file = join(projectFolder(), 'build', 'lab', 'main.js');
  const child = spawn(process.execPath, [file, '--name', name, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env },
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    if (output === 'shown') world.out.write(bytes);
  });
  child.stderr.on('data', (bytes: Buffer) => void world.err.write(bytes));
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (ended) => resolve(ended ?? 1));
  });
  if (code !== 0 && words[0] !== 'diff')
    throw new Stop(`the lab could not be ${words[0] === 'down' ? 'taken down' : 'prepared'}; see above`);
  if (code > 1) say(world, 'the lab could not be compared');
  return { code, text };
}
