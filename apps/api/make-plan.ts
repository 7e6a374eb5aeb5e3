import { listSecrets } from '../../database/secrets.js';
import { storePlan } from '../../database/plans.js';
import type { PlanAnswer } from '../../model/answers.js';
import { compilePlan } from '../../model/compile/compile.js';
import { planHash } from '../../model/compile/hash.js';
import { formatFinding, hasErrors, type Finding } from '../../model/finding.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import type { Plan } from '../../model/plan.js';
import type { PlanBody } from './bodies.js';
import { makeSecrets, missingSecrets } from './make-secrets.js';
import { pointer, Problem, type Fault } from './problem.js';
import type { Recipient } from './recipient.js';
import type { Records } from './records.js';
import { sha256 } from './sha256.js';

/**
 * Compiles a runbook with the newest secret versions, and keeps the plan under its hash. Where it is asked to, it makes
 * the stored secrets that say how they are made and are not there yet, once nothing else is wrong.
 *
 * @param by - who asks
 * @throws Problem `plan/findings`, `secret/no-recipient`
 */
export async function makePlan(
  { database }: Records,
  recipient: Recipient,
  { makeSecrets: mayMake, ...body }: PlanBody,
  by: string,
): Promise<PlanAnswer> {
  const files = new Map(Object.entries(body.files).map(([name, file]) => [name, bytesOf(file)]));
  for (const role of ['runbook', 'inventory'] as const) {
    if (!files.has(body[role])) throw absent(role, body[role]);
  }
  const versions = new Map((await listSecrets(database)).map((secret) => [secret.name, secret.version]));
  const parts = { ...body, files };
  const missing = mayMake ? missingSecrets(parts, versions) : new Map<string, never>();
  const made = missing.size === 0 ? undefined : await madeFor(database, recipient, parts, { versions, missing, by });
  const { plan, hash } = await keepPlan(database, parts, new Map([...versions, ...(made?.versions ?? [])]));
  return { hash, plan, shown: showPlan(plan, hash, sha256), ...(made && { madeSecrets: made.made }) };
}

/** What is missing, made; nothing where the runbook cannot be planned with it either. */
async function madeFor(
  database: Records['database'],
  recipient: Recipient,
  parts: PlanParts,
  {
    versions,
    missing,
    by,
  }: { versions: ReadonlyMap<string, number>; missing: ReturnType<typeof missingSecrets>; by: string },
): ReturnType<typeof makeSecrets> {
  const then = new Map([...versions, ...[...missing.keys()].map((name) => [name, 1] as const)]);
  const { plan, findings } = compilePlan({ ...parts, sha256, secretVersion: (name) => then.get(name) });
  if (plan === undefined || hasErrors(findings)) throw unplannable(findings);
  return makeSecrets({ database }, recipient, missing, by);
}

/** What a plan is made of, with bytes as bytes. */
export interface PlanParts extends Omit<PlanBody, 'files' | 'makeSecrets'> {
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Compiles a runbook with these versions of stored secrets, and keeps the plan with what it was made from.
 *
 * @throws Problem `plan/findings`
 */
export async function keepPlan(
  database: Records['database'],
  parts: PlanParts,
  versions: ReadonlyMap<string, number>,
): Promise<{ readonly plan: Plan; readonly hash: string }> {
  const { plan, findings } = compilePlan({ ...parts, sha256, secretVersion: (name) => versions.get(name) });
  if (plan === undefined || hasErrors(findings)) throw unplannable(findings);
  const hash = planHash(plan, sha256);
  const files = Object.fromEntries(
    [...parts.files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  );
  await storePlan(database, plan, hash, { ...parts, files });
  return { plan, hash };
}

function bytesOf(file: PlanBody['files'][string]): Uint8Array {
  return typeof file === 'string' ? Buffer.from(file, 'utf8') : Buffer.from(file.base64, 'base64');
}

function absent(role: 'runbook' | 'inventory', name: string): Problem {
  return new Problem('request/invalid', `${name} is not among the files`, [
    { pointer: `/${role}`, detail: 'must be the path of one of the files' },
  ]);
}

function unplannable(findings: readonly Finding[]): Problem {
  const count = findings.filter((finding) => finding.severity === 'error').length;
  const detail = count === 1 ? 'there is 1 mistake in what was sent' : `there are ${count} mistakes in what was sent`;
  return new Problem('plan/findings', detail, findings.map(fault), {}, findings);
}

/** A finding in the inputs has a pointer already; one in a document points to that document. */
function fault(finding: Finding): Fault {
  const inInputs = finding.line === 0 && finding.file.startsWith('/inputs');
  const detail = [finding.problem, finding.advice].filter((part) => part !== '').join('; ');
  return inInputs
    ? { pointer: finding.file, detail }
    : { pointer: pointer(['files', finding.file]), detail: formatFinding(finding) };
}
