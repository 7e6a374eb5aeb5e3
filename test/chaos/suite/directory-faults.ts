// cspell:ignore nchangetype
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './ground.js';
import { until, type Fault, type Scene } from './scene.js';

const entry = 'inum=@!1111,ou=appliances,o=gluu';
const attribute = 'oxCacheConfiguration';
const asRoot = ['-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'];

/**
 * What happens to the directory while a change is under way. Its connections carry some hundred bytes for the login,
 * as many for each question, and one request that changes something: chance chooses after how many a fault strikes.
 */
export const directory: readonly Fault[] = [
  {
    group: 'directory',
    name: 'TLS cut before the request is through',
    strike: async (scene) => underWay(scene, 'cut before', async () => undefined),
  },
  {
    group: 'directory',
    name: 'TLS cut before the answer is through',
    strike: async (scene) => underWay(scene, 'cut after', async () => undefined),
  },
  {
    group: 'directory',
    name: 'server killed in mid-modify, and back',
    hosts: ['directory'],
    strike: async (scene) => underWay(scene, 'hold', async () => restartServer(scene)),
  },
  {
    group: 'directory',
    name: 'value changed in between and changed back',
    hosts: ['directory'],
    strike: async (scene) =>
      underWay(scene, 'hold', async () => {
        const value = await directoryValue(scene.ground);
        await setValue(scene.ground, '{"cacheProviderType":"SOMEBODY"}');
        await setValue(scene.ground, value);
      }),
  },
];

/** On the first connection of a change the value is read, on the second it is changed. */
export const changing = 2;

/** Strikes the connection on which the value is changed. */
async function underWay(
  scene: Scene,
  fault: 'cut before' | 'cut after' | 'hold',
  meanwhile: () => Promise<void>,
): Promise<string> {
  const { ldapWire } = scene.ground;
  await scene.event('task-ended', 'second');
  const bytes = 200 + Math.floor(scene.chance.next() * 1800);
  ldapWire.strike({ fault, bytes, coming: changing });
  await until('the directory is spoken to', () => ldapWire.struck() > 0, 30).catch(() => undefined);
  const hit = ldapWire.struck() > 0;
  try {
    await meanwhile();
  } finally {
    ldapWire.heal();
    scene.repaired();
  }
  if (!hit) throw new Error(`no connection has carried ${String(bytes)} bytes`);
  return `struck after ${String(bytes)} bytes`;
}

async function restartServer({ ground: { lab } }: Scene): Promise<void> {
  const pid = async (): Promise<string> => (await lab.exec('directory', ['pgrep', '-x', 'slapd'])).stdout.trim();
  const before = await pid();
  await lab.exec('directory', ['pkill', '-KILL', '-x', 'slapd']);
  await sleep(1000);
  await lab.exec('directory', ['service', 'slapd', 'start']);
  await until('slapd is another process', async () => !['', before].includes(await pid()), 20);
}

export async function directoryValue({ lab }: Ground): Promise<string> {
  const words = ['ldapsearch', '-LLL', '-o', 'ldif-wrap=no', ...asRoot, '-s', 'base', '-b', entry, attribute];
  const { stdout, stderr } = await lab.exec('directory', words);
  const [, coded, value] = new RegExp(`^${attribute}:(:?) (.*)$`, 'm').exec(stdout) ?? [];
  if (value === undefined) throw new Error(`the directory has no ${attribute}: ${stderr}`);
  return coded === ':' ? Buffer.from(value, 'base64').toString('utf8') : value;
}

async function setValue({ lab }: Ground, value: string): Promise<void> {
  const coded = Buffer.from(value).toString('base64');
  const ldif = `dn: ${entry}\nchangetype: modify\nreplace: ${attribute}\n${attribute}:: ${coded}\n-\n`;
  const { code, stderr } = await lab.exec('directory', ['ldapmodify', ...asRoot], ldif);
  if (code !== 0) throw new Error(`the directory cannot be changed: ${stderr}`);
}
