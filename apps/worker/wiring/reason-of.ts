import { Failed } from '../../../model/failure.js';

/** Characters of a reason that are kept. */
const most = 300;

/**
 * Why something failed, in one line for the person who looks at the run. A database's complaint about a value quotes
 * that value, so of those (SQLSTATE class 22) only the class is told.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Failed) return `${error.failure.kind}: ${error.failure.known}`.slice(0, most);
  if (error instanceof AggregateError) return reasonOf(error.errors[0] ?? error.message);
  if (!(error instanceof Error)) return 'of an error without a name';
  const code = codeOf(error);
  if (code?.startsWith('22')) return `the database does not take a value (SQLSTATE ${code})`;
  const [line = ''] = error.message.split('\n');
  return (line === '' ? (code ?? error.name) : line).slice(0, most);
}

function codeOf(error: Error): string | undefined {
  const { code, driverError } = error as { code?: unknown; driverError?: { code?: unknown } };
  const known = code ?? driverError?.code;
  return typeof known === 'string' ? known : undefined;
}
