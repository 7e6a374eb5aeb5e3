import { listSecrets } from '../../database/secrets.js';
import { storePlan } from '../../database/plans.js';
import type { PlanAnswer } from '../../model/answers.js';
import { compilePlan } from '../../model/compile/compile.js';
import { planHash } from '../../model/compile/hash.js';
import { formatFinding, hasErrors, type Finding } from '../../model/finding.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import type { Plan } from '../../model/plan.js';
import type { PlanBody } from './bodies.js';
import { pointer, Problem, type Fault } from './problem.js';
import type { Records } from './records.js';
import { sha256 } from './sha256.js';

/**
 * Compiles a runbook with the newest secret versions, and keeps the plan under its hash.
 *
 * @throws Problem `plan/findings`
 */
export async function makePlan({ database }: Records, body: PlanBody): Promise<PlanAnswer> {
  const files = new Map(Object.entries(body.files).map(([name, file]) => [name, bytesOf(file)]));
  for (const role of ['runbook', 'inventory'] as const) {
    if (!files.has(body[role])) throw absent(role, body[role]);
  }
  const versions = new Map((await listSecrets(database)).map((secret) => [secret.name, secret.version]));
  const { plan, hash } = await keepPlan(database, { ...body, files }, versions);
  return { hash, plan, shown: showPlan(plan, hash, sha256) };
}

/** What a plan is made of, with bytes as bytes. */
export interface PlanParts extends Omit<PlanBody, 'files'> {
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
