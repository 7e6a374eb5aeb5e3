import { runProgram, type Check } from './check.js';

const passwords = { POSTGRES_PASSWORD: 'check', BELAY_POSTGRES_PASSWORD: 'check', TEMPORAL_POSTGRES_PASSWORD: 'check' };

/** Each way in which Compose may be there, best first. */
const composes = [['docker', 'compose'], ['docker-compose']] as const;

/** Has the compose file read by Compose itself. */
export const compose: Check = {
  name: 'compose file',
  run: async () => {
    const [command, ...words] = (await findCompose()) ?? (await installCompose()) ?? [];
    if (command === undefined)
      return { faults: ['no Compose is here to read docker-compose.yml; apt-get install docker-compose'] };
    const { code, output } = await runProgram(command, [...words, 'config', '-q'], { ...process.env, ...passwords });
    return { faults: code === 0 ? [] : output.trim().split('\n') };
  },
};

async function findCompose(): Promise<readonly string[] | undefined> {
  for (const [command, ...words] of composes)
    if ((await runProgram(command, [...words, 'version'])).code === 0) return [command, ...words];
  return undefined;
}

/** Debian has it as a package, which needs no daemon to read a file. */
async function installCompose(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const words = ['-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends', 'install', 'docker-compose'];
  const first = await runProgram('apt-get', words, environment);
  if (first.code === 0) return findCompose();
  await runProgram('apt-get', ['update'], environment);
  await runProgram('apt-get', words, environment);
  return findCompose();
}
