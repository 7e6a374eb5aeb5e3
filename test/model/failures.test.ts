import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { failureKinds } from '../../model/failure.js';

it('documents every kind of failure, and none that does not exist', () => {
  const documented = [...readFileSync('docs/failures.md', 'utf8').matchAll(/^\| `([a-z/-]+)`/gm)].map(
    (match) => match[1],
  );
  expect([...documented].sort()).toEqual([...failureKinds].sort());
});
