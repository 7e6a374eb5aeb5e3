import { parts, type HostOperation, type Operation, type Script } from '../model/operation.js';
import type { Plan, PlannedStep, PlanSources } from '../model/plan.js';
import { sha256 } from './digest.js';
import { rows, type Reach } from './query.js';

/** Characters of base64 from which on a file is kept apart from its plan. */
const keptApart = 4096;

/** In place of `base64` where a script's standard input is kept apart. No plan says this of itself. */
interface Reference {
  readonly kept: string;
}

/** What a plan was compiled from, as it is stored: files that are kept apart, by path. */
export type StoredSources = PlanSources & { readonly kept?: Readonly<Record<string, string>> };

/** Files by SHA-256, as base64; `bytes` are what that says. */
export type Contents = Map<string, Buffer>;

/** A plan without its large files, which are added to `contents`. The plan itself stays as it is. */
export function apart(plan: Plan, contents: Contents): Plan {
  return ofScripts(plan, (stdin) => {
    if (!isBytes(stdin)) return stdin;
    const digest = keep(stdin.base64, contents);
    return digest === undefined ? stdin : { kept: digest };
  });
}

/** The plan with the files that were kept apart, read in one question; one that was stored whole stays as it is. */
export async function together(reach: Reach, plan: Plan): Promise<Plan> {
  const wanted = new Set<string>();
  ofScripts(plan, (stdin) => {
    if (isReference(stdin)) wanted.add(stdin.kept);
    return stdin;
  });
  if (wanted.size === 0) return plan;
  const contents = await readContents(reach, wanted);
  // One object a file, so that its text is in memory once.
  const bytes = new Map([...contents].map(([digest, content]) => [digest, { base64: content.toString('base64') }]));
  return ofScripts(plan, (stdin) => (isReference(stdin) ? bytes.get(stdin.kept) : stdin));
}

/** As {@link apart}, for what a plan was compiled from. */
export function sourcesApart(sources: PlanSources, contents: Contents): StoredSources {
  const files: Record<string, string> = {};
  const kept: Record<string, string> = {};
  for (const [path, base64] of Object.entries(sources.files)) {
    const digest = keep(base64, contents);
    if (digest === undefined) files[path] = base64;
    else kept[path] = digest;
  }
  return { ...sources, files, ...(Object.keys(kept).length > 0 && { kept }) };
}

/** As {@link together}. */
export async function sourcesTogether(reach: Reach, { kept = {}, ...sources }: StoredSources): Promise<PlanSources> {
  const contents = await readContents(reach, new Set(Object.values(kept)));
  const large = Object.entries(kept).map(([path, digest]) => [path, contents.get(digest)?.toString('base64') ?? '']);
  return { ...sources, files: { ...sources.files, ...(Object.fromEntries(large) as Record<string, string>) } };
}

/** Keeps each file once, whichever plans it belongs to. */
export async function writeContents(reach: Reach, contents: Contents): Promise<void> {
  for (const [digest, bytes] of contents)
    await rows(reach, 'insert into plan_files (sha256, bytes) values ($1, $2) on conflict do nothing', [digest, bytes]);
}

async function readContents(reach: Reach, wanted: ReadonlySet<string>): Promise<Contents> {
  if (wanted.size === 0) return new Map();
  const sql = 'select sha256, bytes from plan_files where sha256 = any ($1)';
  const found = await rows<{ sha256: string; bytes: Buffer }>(reach, sql, [[...wanted]]);
  for (const digest of wanted) {
    const bytes = found.find((one) => one.sha256 === digest)?.bytes;
    if (!bytes || sha256(bytes).toString('hex') !== digest)
      throw new Error(`the database lacks a file of a plan, or has another one in its place: SHA-256 ${digest}`);
  }
  return new Map(found.map((one) => [one.sha256, one.bytes]));
}

/** The digest under which a file is kept; undefined where it is small, or would not come back letter by letter. */
function keep(base64: string, contents: Contents): string | undefined {
  if (base64.length < keptApart) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return undefined;
  const digest = sha256(bytes).toString('hex');
  contents.set(digest, bytes);
  return digest;
}

type Stdin = Script['stdin'] | Reference;

function isBytes(stdin: Stdin): stdin is { readonly base64: string } {
  return typeof stdin === 'object' && 'base64' in stdin;
}

function isReference(stdin: Stdin): stdin is Reference {
  return typeof stdin === 'object' && 'kept' in stdin;
}

/** The plan with the standard input of every script, those of undo steps among them, replaced; keys stay in their order. */
function ofScripts(plan: Plan, replace: (stdin: Stdin) => Stdin): Plan {
  const ofScript = (script: Script): Script =>
    script.stdin === undefined ? script : { ...script, stdin: replace(script.stdin) as Script['stdin'] & {} };
  const ofOperation = (operation: Operation): Operation => {
    if (operation.on !== 'host') return operation;
    const changed: { -readonly [Name in keyof HostOperation]: HostOperation[Name] } = { ...operation };
    for (const part of [...parts, 'restart'] as const) {
      const script = operation[part];
      if (script) changed[part] = ofScript(script);
    }
    return changed;
  };
  const ofStep = (step: PlannedStep): PlannedStep => ({
    ...step,
    operations: step.operations.map(ofOperation),
    undo: step.undo.how === 'steps' ? { ...step.undo, steps: step.undo.steps.map(ofStep) } : step.undo,
  });
  return { ...plan, phases: plan.phases.map((phase) => ({ ...phase, steps: phase.steps.map(ofStep) })) };
}
