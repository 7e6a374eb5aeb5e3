import type { Sessions } from './session.js';

export interface SessionsOptions {
  /** Parent of the journals on the hosts; default `/var/lib/belay` for root, else the user's state directory. */
  readonly stateDirectory?: string;
  /** The SSH agent to ask where a destination names none. */
  readonly agentSocket?: string;
  /** Told of connections that come and go; never of commands or values. */
  readonly log?: (line: string) => void;
}

/** Keeps one connection a host and user, with its runner; closes those that nobody has used for some minutes. */
export function createSessions(options: SessionsOptions = {}): Sessions {
  throw new Error(`not filled in yet: ${String(options.log)}`);
}
