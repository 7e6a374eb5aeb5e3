import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where Belay keeps everything that must outlive a restart. */
export function dataFolder(variables: NodeJS.ProcessEnv): string {
  return variables['BELAY_DATA'] ?? join(variables['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'belay');
}

/** Where Belay keeps what it can make again: the Temporal server, the base of the lab's hosts. */
export function cacheFolder(variables: NodeJS.ProcessEnv): string {
  return join(variables['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'belay');
}

/** The top of the project, from where the CLI runs built (`build/apps/cli`) or not. */
export function projectFolder(): string {
  const here = import.meta.dirname;
  return join(here, here.includes(join('build', 'apps')) ? '../../..' : '../..');
}
