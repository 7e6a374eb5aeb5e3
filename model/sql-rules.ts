const control = new Set(['abort', 'begin', 'commit', 'end', 'prepare', 'release', 'rollback', 'savepoint', 'start']);

/** Whether a statement opens or ends a transaction, or a part of one. Also the command tags of such statements. */
export function isTransactionControl(statement: string): boolean {
  const first = /^[A-Za-z]+/.exec(withoutLeadingComments(statement))?.[0];
  return first !== undefined && control.has(first.toLowerCase());
}

/** Comments of Postgres nest. A semicolon before the first word is an empty statement. */
function withoutLeadingComments(statement: string): string {
  let rest = statement.replace(/^[\s;]+/, '');
  for (;;) {
    const after = afterComment(rest);
    if (after === undefined) return rest;
    rest = after.replace(/^[\s;]+/, '');
  }
}

function afterComment(text: string): string | undefined {
  if (text.startsWith('--')) return text.replace(/^[^\r\n]*/, '');
  if (!text.startsWith('/*')) return undefined;
  let depth = 0;
  for (const mark of text.matchAll(/\/\*|\*\//g)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return text.slice(mark.index + 2);
  }
  return '';
}

/** Whether what is sent to this address stays on the host that sends it. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}
