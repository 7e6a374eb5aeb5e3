import type { Sha256 } from '../compile/hash.js';
import { formatDuration } from '../duration.js';
import type { HostOperation, LdapOperation, Operation, Script } from '../operation.js';
import { isTemplate, argument, content, word } from './data.js';
import { counted, indent, quoted, table } from './layout.js';
import { scriptsOf, type NamedScripts } from './scripts.js';

/** A part of an operation and how it is shown. */
export type Row = readonly [name: string, lines: readonly string[]];

/** What an operation does, one row a part. */
export function operationRows(operation: Operation, named: NamedScripts, sha256: Sha256 | undefined): Row[] {
  switch (operation.on) {
    case 'host':
      return hostRows(operation, named, sha256);
    case 'ldap':
      return ldapRows(operation);
    case 'clock':
      return [['wait', [formatDuration(operation.seconds)]]];
    case 'record':
      return [['note', [word(operation.note)]]];
  }
}

function hostRows(operation: HostOperation, named: NamedScripts, sha256: Sha256 | undefined): Row[] {
  const transform = operation.transform;
  return scriptsOf(operation).flatMap(([part, script]): Row[] => {
    const row: Row = [part, scriptLines(script, named, sha256)];
    if (part !== 'do' || transform === undefined) return [row];
    return [['change', [`${transform.name}, computed by the worker from what capture saved`, ...indent(transformLines(transform.arguments))]], row];
  });
}

function transformLines(args: Readonly<Record<string, Parameters<typeof argument>[0]>>): string[] {
  return table(
    Object.entries(args).map(([name, value]): Row => {
      const nested = typeof value === 'object' && value !== null && !Array.isArray(value) && !isTemplate(value);
      return [name, nested ? namedLines(value) : [argument(value)]];
    }),
  );
}

function namedLines(value: object): string[] {
  const rows = Object.entries(value).map(([name, inner]): Row => [name, [argument(inner as Parameters<typeof argument>[0])]]);
  return rows.length === 0 ? ['nothing'] : table(rows);
}

function scriptLines(script: Script, named: NamedScripts, sha256: Sha256 | undefined): string[] {
  const name = named.names.get(script.text);
  const text = name === undefined ? quoted(script.text) : [`script "${name}"`];
  const { arguments: args = [], environment = {}, stdin } = script;
  const data: Row[] = [];
  if (args.length > 0) data.push(['arguments', [args.map(word).join(' ')]]);
  const variables = Object.entries(environment).map(([variable, value]) => `${variable}=${word(value)}`);
  if (variables.length > 0) data.push(['environment', variables]);
  if (stdin !== undefined) data.push(['stdin', content(stdin, sha256)]);
  if (script.doneExits !== undefined) data.push(['done', [`with exit ${script.doneExits.join(', ')}`]]);
  return [...text, ...table(data)];
}

function ldapRows(operation: LdapOperation): Row[] {
  return [
    ['server', [`${word(operation.url)}, as ${word(operation.bind.dn)} with ${word(operation.bind.password)}`]],
    ['entry', [word(operation.entry)]],
    ['attribute', [`${operation.attribute}: ${counted(operation.set.length, 'value')} set inside its JSON; the rest stays as it is`]],
    ['set', table(operation.set.map(({ pointer, value }): Row => [pointer, [argument(value)]]))],
    ['undo', ['puts back the exact text that was there, if it is still what this step left']],
  ];
}
