import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { top } from './check.js';

/** The project's own configuration, for files that do not exist: without the rules that need types. */
const eslint = new ESLint({
  cwd: top,
  overrideConfig: [
    { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked, name: 'no types here' },
    {
      files: ['**/*.ts'],
      rules: { '@typescript-eslint/no-unused-vars': 'off', '@typescript-eslint/switch-exhaustiveness-check': 'off' },
    },
  ] as never,
});

async function faultsOf(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `${top}/${file}` });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const imports = '@typescript-eslint/no-restricted-imports';

/** File, what it imports, or a whole line where it has a blank. */
const forbidden = [
  ['model/plan.ts', 'node:fs'],
  ['model/plan.ts', 'fs'],
  ['model/plan.ts', 'crypto'],
  ['model/plan.ts', '@temporalio/workflow'],
  ['model/plan.ts', '../database/runs.js'],
  ['model/steps/file.ts', '../../activities/ssh/session.js'],
  ['model/steps/file.ts', '../../workflows/messages.js'],
  ['model/steps/file.ts', './../../apps/cli/stop.js'],
  ['model/steps/deep/x.ts', '../../../lab/lab.js'],
  ['workflows/runbook.ts', 'zod'],
  ['workflows/runbook.ts', 'node:crypto'],
  ['workflows/runbook.ts', '@temporalio/client'],
  ['workflows/runbook.ts', '../database/runs.js'],
  ['workflows/runbook.ts', '../activities/ssh/session.js'],
  ['workflows/runbook.ts', '../apps/worker/settings.js'],
  ['activities/ssh/act.ts', '../ldap/activities.js'],
  ['activities/ssh/act.ts', '../../database/runs.js'],
  ['activities/ssh/act.ts', '../../workflows/messages.js'],
  ['activities/ssh/act.ts', '../../apps/worker/settings.js'],
  ['activities/ssh/act.ts', 'typeorm'],
  ['activities/ssh/act.ts', "import { Client } from 'ssh2';"],
  ['activities/ssh/deep/act.ts', '../../ldap/activities.js'],
  ['activities/records/create.ts', '../../database/runs.js'],
  ['activities/new/x.ts', '../../database/runs.js'],
  ['activities/ssh/connect.ts', '../ldap/activities.js'],
  ['activities/ssh/connect.ts', 'typeorm'],
  ['database/runs.ts', '../activities/ssh/session.js'],
  ['database/runs.ts', '../workflows/messages.js'],
  ['database/runs.ts', '../apps/api/settings.js'],
  ['migrations/0001-tables.ts', '../model/plan.js'],
  ['apps/api/main.ts', '../../activities/ssh/session.js'],
  ['apps/api/main.ts', '../../workflows/runbook.js'],
  ['apps/api/main.ts', '../cli/stop.js'],
  ['apps/api/routes/runs.ts', '../../../activities/ssh/session.js'],
  ['apps/api/main.ts', 'typeorm'],
  ['apps/worker/main.ts', '../api/settings.js'],
  ['apps/worker/main.ts', '../../lab/lab.js'],
  ['apps/worker/main.ts', 'typeorm'],
  ['apps/cli/main.ts', '../../database/runs.js'],
  ['apps/cli/main.ts', '../../workflows/messages.js'],
  ['apps/cli/main.ts', '../../activities/ssh/session.js'],
  ['apps/cli/up/stack.ts', '../../api/settings.js'],
  ['apps/cli/up/stack.ts', '../../../lab/lab.js'],
  ['apps/cli/up/stack.ts', "import { Client } from 'ssh2';"],
  ['lab/lab.ts', 'typeorm'],
  ['test/chaos/checker/judge.ts', '../ledger.js'],
  ['test/chaos/checker/judge.ts', '../../../model/record.js'],
  ['test/chaos/checker/read-database.ts', '../../../database/connect.js'],
  ['test/chaos/checker/read-database.ts', 'typeorm'],
  ['test/chaos/checker/deep/x.ts', '../../ledger.js'],
] as const;

const allowed = [
  ['model/plan.ts', './value.js'],
  ['model/plan.ts', 'zod'],
  ['model/steps/ldap.json.ts', '../value.js'],
  ['model/document/deep/x.ts', '../../plan.js'],
  ['workflows/runbook.ts', '@temporalio/workflow'],
  ['workflows/runbook.ts', '../model/task/rounds.js'],
  ['workflows/runbook.ts', "import type { HostActivities } from '../activities/ssh/activities.js';"],
  ['activities/ssh/act.ts', '../../model/plan.js'],
  ['activities/ssh/act.ts', 'node:fs'],
  ['activities/ssh/connect.ts', "import { Client } from 'ssh2';"],
  ['activities/ssh/act.ts', "import type { Client } from 'ssh2';"],
  ['database/runs.ts', 'typeorm'],
  ['database/migrations.ts', '../migrations/0001-tables.js'],
  ['database/runs.ts', '../model/record.js'],
  ['apps/api/routes/runs.ts', '../../../workflows/messages.js'],
  ['apps/worker/wiring/hosts.ts', '../../../activities/ssh/activities.js'],
  ['apps/cli/commands/lint.ts', '../../../model/document/read.js'],
  ['apps/cli/make-secrets.ts', '../../activities/certificates/authority.js'],
  ['apps/api/make-secrets.ts', '../../activities/certificates/made-secret.js'],
  ['apps/cli/up/stack.ts', '../stop.js'],
  ['test/ssh/x.test.ts', "import { Server } from 'ssh2';"],
  ['lab/lab.ts', '../model/plan.js'],
  ['test/chaos/checker/judge.ts', './facts.js'],
  ['test/chaos/checker/read-database.ts', "import { Client } from 'pg';"],
  ['test/chaos/suite/main.ts', '../checker/facts.js'],
] as const;

const lineOf = (what: string): string => (what.includes(' ') ? what : `import { x } from '${what}';`);

describe('the fences between rooms', () => {
  it.each(forbidden)('%s may not import %s', async (file, what) => {
    expect(await faultsOf(file, lineOf(what))).toContain(imports);
  });

  it.each(allowed)('%s may import %s', async (file, what) => {
    expect(await faultsOf(file, lineOf(what))).toEqual([]);
  });

  it.each([
    ['model/plan.ts', "export const x = import('node:fs');"],
    ['workflows/runbook.ts', "export type X = import('../database/runs.js').X;"],
    ['apps/cli/main.ts', "import x = require('../../database/runs.js');"],
    ['database/runs.ts', 'export default 1;'],
  ])('%s may not hide an import: %s', async (file, line) => {
    expect(await faultsOf(file, line)).toContain('no-restricted-syntax');
  });

  it.each(['model/plan.ts', 'workflows/runbook.ts', 'activities/ssh/act.ts', 'database/runs.ts'])(
    '%s may not print',
    async (file) => {
      expect(await faultsOf(file, "console.log('x');")).toContain('no-console');
    },
  );

  it('a file has at most 400 lines, a function at most 60', async () => {
    expect(await faultsOf('model/plan.ts', 'export const x = 1;\n'.repeat(400))).toContain('max-lines');
    expect(await faultsOf('model/plan.ts', `export function f(): void {\n${'f();\n'.repeat(60)}}`)).toContain(
      'max-lines-per-function',
    );
  });
});

describe('promises', () => {
  it('are not dropped', async () => {
    const typed = new ESLint({
      cwd: top,
      overrideConfig: [
        { languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['test/checks/dropped.ts'] } } } },
      ],
    });
    const code = 'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n';
    const [result] = await typed.lintText(code, { filePath: `${top}/test/checks/dropped.ts` });
    expect(result?.messages.map(({ ruleId }) => ruleId)).toContain('@typescript-eslint/no-floating-promises');
  }, 120_000);
});
