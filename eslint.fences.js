/**
 * The arrows between rooms (docs/architecture.md), as import patterns. A room lists what its files may import;
 * everything else is an error. One block a depth of folders, because a relative path says where it leads only
 * together with where it starts. A later block replaces an earlier one of the same rule.
 */
const rule = '@typescript-eslint/no-restricted-imports';
const name = String.raw`[A-Za-z0-9_@][\w.-]*`;
const inside = String.raw`${name}(?:/${name})*`;
const builtins = String.raw`node:${name}(?:/${name})*`;
const packages = String.raw`(?!node:)(?:@${name}/)?${name}(?:/${name})*`;
const anyPackage = `${builtins}|${packages}`;

const typeorm = { name: 'typeorm', message: 'Only the database room imports TypeORM.' };
const ssh2 = {
  name: 'ssh2',
  message: 'Only activities/ssh/connect.ts opens SSH connections, so that no host key goes unverified.',
  allowTypeImports: true,
};

/** Imports that no pattern sees: they name a module in an expression or in a type. */
const hidden = [
  { selector: 'ImportExpression', message: 'A dynamic import passes the fences between rooms.' },
  { selector: 'TSImportType', message: 'Import the type by name, where the fences between rooms see it.' },
  { selector: 'TSImportEqualsDeclaration', message: 'import … = require() passes the fences between rooms.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
];

/** Relative imports that stay in the folder at `depth` below the room's own folder. */
const own = (depth) => String.raw`\./${inside}|(?:\.\./){1,${depth}}${inside}`;
const ownAt = (depth) => (depth === 0 ? String.raw`\./${inside}` : own(depth));

/**
 * @param room - the folder whose files may reach each other
 * @param rooms - other rooms, from the top of the project (`model/`), as regular expressions
 * @param allowed - packages, as a regular expression
 * @param types - rooms from which only types may come
 */
function fence(room, { rooms = [], allowed = anyPackage, types = [], paths = [typeorm, ssh2] }) {
  const below = room.split('/').length;
  return [0, 1, 2, 3].map((depth) => {
    const top = String.raw`(?:\.\./){${depth + below}}`;
    const reach = [ownAt(depth), allowed, ...[...rooms, ...types].map((other) => `${top}${other}`)].join('|');
    const patterns = [{ regex: `^(?!(?:${reach})$)`, message: `${room}/ may not import this (docs/architecture.md).` }];
    for (const other of types)
      patterns.push({
        regex: `^${top}${other}$`,
        allowTypeImports: true,
        message: `${room}/ may only import types here.`,
      });
    return {
      files: [`${room}/${'*/'.repeat(depth)}*.ts`],
      rules: { [rule]: ['error', { paths, patterns }], 'no-restricted-syntax': ['error', ...hidden] },
    };
  });
}

const model = `model/${inside}`;
const database = `database/${inside}`;
const workflows = `workflows/${inside}`;
const activities = `activities/${inside}`;

export const fences = [
  ...fence('model', { allowed: 'zod|yaml|@marcbachmann/cel-js|re2js|fastest-levenshtein|canonicalize|diff' }),
  ...fence('workflows', { allowed: '@temporalio/workflow|@temporalio/common', rooms: [model], types: [activities] }),
  ...fence('activities/*', { rooms: [model] }),
  ...fence('database', { rooms: [model, `migrations/${inside}`], paths: [ssh2] }),
  ...fence('migrations', { paths: [{ ...typeorm, allowTypeImports: true }, ssh2] }),
  ...fence('apps/api', {
    rooms: [model, database, String.raw`workflows/messages\.js`, `activities/certificates/${inside}`],
  }),
  ...fence('apps/worker', { rooms: [model, database, workflows, activities] }),
  ...fence('apps/migrate', { rooms: [model, database] }),
  ...fence('apps/cli', { rooms: [model, `activities/certificates/${inside}`] }),
  ...fence('apps/console', { rooms: [model] }),
  {
    files: ['activities/ssh/connect.ts'],
    rules: {
      [rule]: [
        'error',
        {
          paths: [typeorm],
          patterns: [
            {
              regex: String.raw`^(?!(?:\./${inside}|${anyPackage}|\.\./\.\./${model})$)`,
              message: 'activities/ssh/ may not import this.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['lab/**/*.ts', 'bench/**/*.ts'],
    rules: { [rule]: ['error', { paths: [typeorm, ssh2] }], 'no-restricted-syntax': ['error', hidden[3]] },
  },
  { files: ['test/**/*.ts'], rules: { 'no-restricted-syntax': ['error', hidden[3]] } },
  // What judges the engine shares no code with it: one mistake in both would not be seen.
  ...fence('test/chaos/checker', {}),
];
