import { readValues } from '../../model/collect/read-values.js';
import { parseLimit } from '../../model/parse/read-output.js';
import { failureOf, masked, type Attempt, type Outcome } from './attempt.js';

/** Keeps the numbers that `do` has printed; an outcome where they cannot be read. Done again it keeps nothing twice. */
export async function valuesKept(attempt: Attempt): Promise<Outcome | undefined> {
  const { values } = attempt.work.operation;
  if (!values) return undefined;
  const name = { task: attempt.task, attempt: attempt.attempt, part: 'do', stream: 'stdout' } as const;
  const bytes = await attempt.session.output(name, 0, parseLimit + 1);
  const [first = '', ...rest] = masked(attempt, Buffer.from(bytes).toString('utf8')).split('\n');
  const at = /^\d{9,11}$/.test(first) ? Number(first) : undefined;
  const read = bytes.length > parseLimit ? { problem: 'it is too long' } : readValues(rest.join('\n'));
  if (at === undefined) return unreadable(attempt, 'the host tells no time');
  if ('problem' in read) return unreadable(attempt, read.problem);
  const { source, keep, every } = values;
  const labels = Object.fromEntries(
    Object.entries(values.labels).map(([label, text]) => [label, attempt.filler.fill(text).value]),
  );
  await attempt.needs.collection.keepValues(
    attempt.name,
    { kind: 'values', source, labels, keep, every },
    at,
    read.values,
  );
  return undefined;
}

function unreadable(attempt: Attempt, problem: string): Outcome {
  return {
    ending: 'partial',
    failure: failureOf(
      attempt,
      'step/output-unreadable',
      `its output is no list of named numbers: ${problem}; nothing of it was kept`,
      'look at its output; correct the command, then retry',
    ),
  };
}
