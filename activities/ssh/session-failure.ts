import { Failed, type Failure, type FailureKind } from '../../model/failure.js';

const nextSteps: Partial<Record<FailureKind, string>> = {
  'host/unreachable':
    'see that the host is up; a script that had begun goes on there, and its end is read when the host answers',
  'host/stale-holder': 'nothing: another worker acts on this host now; if none does, look at the workers of this run',
  'host/disk-full': 'make room on the host where its state directory lies, then retry',
  'host/unsuitable': 'put right on the host what is missing, then retry',
  'host/no-shell': "see that the user's login shell runs `/bin/sh -c` without asking or printing anything of its own",
  'host/journal-lost': 'look at the host; then retry, skip or undo',
  'host/rebooted': 'look at the host; then retry, skip or undo',
  'step/outcome-unknown': 'look at the host; then retry, skip or undo',
  'step/capture-failed':
    'look at the host; then undo the run back to before the step, or put it right by hand and `skip`',
  'step/cancelled': 'resume, retry or undo the run',
  'step/value-unusable': 'correct the runbook or its inputs',
};

/** A failure of something asked of one host. */
export function sessionFailure(kind: FailureKind, tried: string, known: string): Failure {
  return { kind, tried, known, next: nextSteps[kind] ?? 'look at the host, then retry' };
}

/** The failure that a runner named: its kind and, after a blank, what it knows. */
export function toldFailure(tried: string, told: string): Failure {
  const [kind, ...rest] = told.split(' ');
  const known = rest.join(' ');
  if (kind === 'host/stale-holder') {
    return sessionFailure(kind, tried, `the host has seen the higher holder ${known}; nothing was started`);
  }
  const known2 = `${known || 'it did not say why'}; nothing was started`;
  return sessionFailure(plain(kind) ? kind : 'host/unsuitable', tried, known2);
}

/** Whether a runner says by this kind just what it means elsewhere. */
const plain = (kind: string | undefined): kind is FailureKind =>
  kind === 'host/disk-full' || kind === 'step/capture-failed';

/** The connection, or the runner at its other end, is gone. */
export function lost(host: string, why: unknown): Failed {
  const message = why instanceof Error ? why.message : String(why);
  const known = `the connection was lost (${message}); scripts that had begun go on there`;
  return new Failed(sessionFailure('host/unreachable', `talking to ${host}`, known), { cause: why });
}

/** What answered, if anything did, where a runner was to start. */
export interface NotStarted {
  readonly host: string;
  readonly user: string;
  /** What came on stderr. */
  readonly words: string;
  /** Whether sudo has given no shell, as opposed to a shell that did not start the runner. */
  readonly sudo: boolean;
}

/** Nothing was started: no shell answered, or sudo gave none. */
export function notStarted({ host, user, words, sudo }: NotStarted, cause: unknown): Failed {
  const tried = `starting the runner on ${host}`;
  const said = words.slice(-300) || 'no message';
  if (!sudo) {
    const known = `it did not start (${said}); nothing was changed`;
    return new Failed(sessionFailure('host/no-shell', tried, known), { cause });
  }
  return new Failed(
    {
      kind: 'host/sudo-refused',
      tried: `${tried} as root, by \`sudo -n\` of ${user}`,
      known: `sudo gave no shell (${said}); nothing was changed`,
      next:
        'Belay acts by a shell of root, so single commands in sudoers do not suffice: allow ' +
        `\`${user} ALL=(root) NOPASSWD: /bin/sh\` without requiretty (see docs/hosts.md), or log in as root, or leave out \`sudo\` where root is not needed`,
    },
    { cause },
  );
}

/** What sudo, or whatever stands between, would record must not be sent. */
export function overheard(tried: string): Failure {
  return {
    kind: 'host/overheard',
    tried,
    known:
      'sudo stands where it can record what is sent and read (log_input, log_output), and the step holds a secret; nothing was sent',
    next: 'switch that off for the user (`Defaults:USER !log_input, !log_output` in sudoers), or log in as root; then retry',
  };
}
