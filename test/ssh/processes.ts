import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Its arguments, blanks between them. */
  readonly command: string;
}

/** All processes of this machine, without zombies; reading `/proc` starts none. */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').join(' ').trim();
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), group: Number(group), command }];
      } catch {
        return [];
      }
    });
}

/** Processes whose whole command line is `command`. */
export function processesNamed(command: string): Process[] {
  return processes().filter((one) => one.command === command);
}

/** The runners that serve a host's journal under `state`. Wrappers and watchdogs are forks that look like them. */
export function runnersOf(state: string, host: string): Process[] {
  const all = processes();
  const ofSshd = new Set(all.filter((one) => one.command.startsWith('sshd')).map((one) => one.pid));
  return all.filter((one) => one.command.includes(`belay-runner ${state} ${host} `) && ofSshd.has(one.parent));
}
