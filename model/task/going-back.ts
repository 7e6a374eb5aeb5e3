/** What is known of a task that is to be undone. Images are the lines that `capture` prints. */
export interface Done {
  /** Absent where the task never captured one. */
  readonly preImage?: string;
  /** Absent where the task did not end with a verified effect. */
  readonly postImage?: string;
  /** The state that is there now. */
  readonly present: string;
  /** Whether the run has held the host's lease without a break since the task began. */
  readonly leaseKept: boolean;
}

export type GoingBack = 'already-back' | 'restore' | 'decide';

/**
 * Whether a task may be restored (design §4.4). What is there now and is neither what we found nor what we left is
 * somebody's later work, unless we never finished and nobody else was allowed in between.
 */
export function goingBack(done: Done): GoingBack {
  if (done.preImage === undefined) return 'decide';
  if (done.present === done.preImage) return 'already-back';
  if (done.postImage !== undefined) return done.present === done.postImage ? 'restore' : 'decide';
  return done.leaseKept ? 'restore' : 'decide';
}
