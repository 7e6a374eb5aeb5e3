import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { compileWith } from '../../model/compile/compile.js';
import { lintRunbook } from '../../model/compile/lint.js';
import { formatFinding } from '../../model/finding.js';
import { kinds } from '../../model/steps/kinds.js';
import { source } from './planning.js';

const top = join(import.meta.dirname, '../..');
const plans = join(top, 'test/cases/runbooks/plans');

/** What a runbook is planned with. */
interface Planned {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, number>>;
  readonly inventory: object;
}

describe('The runbooks', () => {
  const names = readdirSync(join(top, 'runbooks'));

  it.each(names)('%s has no mistakes', (name) => {
    const path = `runbooks/${name}/runbook.yaml`;
    const found = lintRunbook(new Map([[path, readFileSync(join(top, path))]]), path);
    expect(found.map(formatFinding)).toEqual([]);
  });

  it.each(names.filter((name) => existsSync(join(plans, `${name}.yaml`))))('%s can be planned', (name) => {
    const { inputs, secrets, inventory } = parse(readFileSync(join(plans, `${name}.yaml`), 'utf8')) as Planned;
    const runbook = readFileSync(join(top, `runbooks/${name}/runbook.yaml`), 'utf8');
    const { plan, findings } = compileWith(
      kinds,
      source({ runbook, inventory: stringify(inventory), inputs, secrets }),
    );
    expect(findings.map(formatFinding)).toEqual([]);
    expect(plan?.phases.flatMap(({ steps }) => steps).every(({ tasks }) => Object.keys(tasks).length > 0)).toBe(true);
  });
});
