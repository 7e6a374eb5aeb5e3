/**
 * What can happen to a run, as its events say it; `data` of each in words. The one list of them.
 */
export const eventKinds = {
  'run-started': 'runbook, plan, by',
  'run-moved': 'from, to, and what the move says about itself',
  'phase-finished': 'phase',
  'step-started': 'step, attempts ({host, attempt})',
  'task-ended': 'step, host, attempt, ending, state, milliseconds, summary; exit and failure where there are any',
  'trying-again': 'work, since, because; step where there is one: no host failed, it is tried again by itself',
  'trying-ended': 'work, goesOn: false where nobody tries it any more',
  'result-ignored': 'step, host, because; attempt, or undo',
  'task-settled': 'step, host, state, because, by',
  'tasks-reopened': 'tasks ({step, host}), by; phase where all from that phase on is owed again',
  'output-full': 'step, host: from here on output is counted and dropped',
  'approval-asked': 'phase, deadline where there is one',
  'gate-opened': 'phase, votes, wanted',
  'verb-said': 'id, verb, arguments, by',
  'verb-settled': 'id, verb, accepted, because',
  'plan-changed': 'from, to (plan hashes), by, because, inputs, steps that change, gates that ask again',
  'leases-released': 'machines',
  'host-excluded': 'host, because, by, skipped (the steps that are passed over there)',
  'undo-started': 'undo, by; to or host where only a part goes back',
  'undo-step-started': 'undo, step, attempts ({host, attempt})',
  'task-undone': 'undo, step, host, outcome, summary; failure where there is one',
  'service-restarted': 'undo, step (that knows how), host, service, outcome, summary; failure where there is one',
  'undo-finished': 'undo, state',
} as const;
export type EventKind = keyof typeof eventKinds;
