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

/** What an image says of something that an effect or an undo of ours has staged there and has not finished. */
const unfinished = ' unfinished';

/**
 * Whether a task may be restored (design §4.4). What is there now and is neither what we found nor what we left is
 * somebody's later work, unless we never finished and nobody else was allowed in between. What an earlier try of an
 * undo has left half done is our own, too: it shows in the image beside the state that it was to replace.
 */
export function goingBack(done: Done): GoingBack {
  if (done.preImage === undefined) return 'decide';
  if (done.present === done.preImage) return 'already-back';
  const settled = done.present.replaceAll(unfinished, '');
  if (settled !== done.present && settled === done.preImage) return 'restore';
  if (done.postImage !== undefined)
    return done.present === done.postImage || settled === done.postImage ? 'restore' : 'decide';
  return done.leaseKept ? 'restore' : 'decide';
}
