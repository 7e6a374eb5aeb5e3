import { readDocument } from '../document/read.js';
import { mapping } from '../runbook/mapping.js';
import { sitesIn, type Loaded, type LoadFragment } from '../runbook/outline.js';
import type { StepKind } from '../steps/kind.js';
import { plainPath } from './beside.js';

/** What finding fragments needs to know of the document that calls them. */
interface Caller {
  /** Reads a file by its path from the caller's own folder. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** The caller's folder, as findings name it; empty or with a `/` at its end. */
  readonly folder: string;
  readonly kinds: readonly StepKind[];
  /** The documents that lead here, the runbook first. */
  readonly chain: readonly string[];
  /** Calls that may still be followed: fragments that call several could otherwise grow without end. */
  readonly budget: { left: number };
}

const deepest = 8;
const mostCalls = 200;

/** How the calls of a runbook find their fragments. */
export function fragmentLoader(runbook: string, read: Caller['read'], kinds: readonly StepKind[]): LoadFragment {
  return loader({ read, folder: folderOf(runbook), kinds, chain: [runbook], budget: { left: mostCalls } });
}

function loader(caller: Caller): LoadFragment {
  return (written, phase) => load(written, phase, caller);
}

function load(written: string, phase: number, caller: Caller): Loaded {
  const path = plainPath(written);
  if (path === undefined)
    return {
      problem: 'a fragment lies beside its caller',
      advice: 'write a path below its folder, such as parts/account.yaml',
    };
  const file = caller.folder + path;
  const chain = [...caller.chain, file];
  if (caller.chain.includes(file))
    return {
      problem: `this fragment would call itself: ${chain.join(' calls ')}`,
      advice: 'take one of the calls out',
    };
  if (chain.length > deepest)
    return { problem: `more than ${deepest - 1} fragments inside one another`, advice: 'call fewer of them' };
  caller.budget.left -= 1;
  if (caller.budget.left < 0) return { problem: `more than ${mostCalls} calls in one runbook`, advice: 'use "each"' };
  const bytes = caller.read(path);
  if (bytes === undefined) return { problem: 'there is no such fragment beside the runbook', advice: `add ${file}` };
  const { document, findings } = readDocument(file, bytes);
  if (document === undefined) return { findings };
  const folder = folderOf(path);
  const inner = loader({ ...caller, read: below(caller.read, folder), folder: folderOf(file), chain });
  const sites = sitesIn(mapping(document.value).steps, ['steps'], { phase }, { kinds: caller.kinds, load: inner });
  return { fragment: { document, folder, sites } };
}

/** Reads files by their path from a folder below. */
export function below(read: Caller['read'], folder: string): Caller['read'] {
  return (path) => (plainPath(path) === undefined ? undefined : read(folder + path));
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
