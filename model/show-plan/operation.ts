import type { Sha256 } from '../compile/hash.js';
import { formatDuration } from '../duration.js';
import type {
  Bytes,
  CollectedLines,
  HostOperation,
  LdapAttributes,
  LdapOperation,
  Operation,
  Script,
} from '../operation.js';
import type { Text } from '../value.js';
import { isTemplate, argument, content, word } from './data.js';
import { httpRows } from './http.js';
import { counted, indent, quoted, table } from './layout.js';
import { sqlRows } from './sql.js';
import { scriptsOf, type NamedScripts } from './scripts.js';

/** A part of an operation and how it is shown; `label` says what it belongs to where it stands alone. */
export type Row = readonly [name: string, lines: readonly string[], label?: string];

/** What an operation does, one row a part. */
export function operationRows(operation: Operation, named: NamedScripts, sha256: Sha256 | undefined): Row[] {
  switch (operation.on) {
    case 'host':
      return hostRows(operation, named, sha256);
    case 'ldap':
      return ldapRows(operation);
    case 'http':
      return httpRows(operation);
    case 'sql':
      return sqlRows(operation);
    case 'secrets':
      return [
        ['promotes', [`${word(operation.promote)}: it is the current value from then on; the former one is kept`]],
        ['undo', ['makes the former value current again, if nobody has made another one current since']],
      ];
    case 'clock':
      return [['wait', [formatDuration(operation.seconds)]]];
    case 'record':
      return [['note', [word(operation.note)]]];
  }
}

function hostRows(operation: HostOperation, named: NamedScripts, sha256: Sha256 | undefined): Row[] {
  const { transform, carried, lines, values } = operation;
  const from: Row[] = carried ? [['carries', [`${word(carried.path)} from ${carried.host}, through the worker`]]] : [];
  const rowsOf = ([part, script]: ReturnType<typeof scriptsOf>[number]): Row[] => {
    const rows = scriptRows(part, script, named, sha256);
    if (part !== 'do' || transform === undefined) return rows;
    return [
      [
        'change',
        [
          `${transform.name}, computed by the worker from what capture saved`,
          ...indent(transformLines(transform.arguments)),
        ],
      ],
      ...rows,
    ];
  };
  const kept: Row[] = values
    ? [['keeps', [`the numbers that it prints, as ${values.source}, ${forHowLong(values.keep)}`]]]
    : [];
  return [...from, ...(lines ? linesRows(lines) : []), ...scriptsOf(operation).flatMap(rowsOf), ...kept];
}

function linesRows({ source, files, from, most, keep, masks, hide }: CollectedLines): Row[] {
  const what = `new records of ${files.map(word).join(' ')}, as ${source}, ${forHowLong(keep)}`;
  const start = from === 'end' ? '; what is there before the first time is left out' : '';
  const masked = [...masks.map((pattern) => `/${pattern}/`), ...hide.map(word)];
  return [
    ['collects', [`${what}; at most ${Math.floor(most / 1024 ** 2)} MiB at once${start}`]],
    ...(masked.length > 0 ? ([['  masked', [masked.join(' ')]]] as const) : []),
  ];
}

function forHowLong(seconds: number): string {
  return `kept for ${formatDuration(seconds)}`;
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
  const rows = Object.entries(value).map(([name, inner]): Row => [
    name,
    [argument(inner as Parameters<typeof argument>[0])],
  ]);
  return rows.length === 0 ? ['nothing'] : table(rows);
}

function scriptRows(part: string, script: Script, named: NamedScripts, sha256: Sha256 | undefined): Row[] {
  const name = named.names.get(script.text);
  const { arguments: args = [], environment = {}, stdin } = script;
  const rows: Row[] = [[part, name === undefined ? quoted(script.text) : [`script "${name}"`]]];
  const below = (field: string, lines: readonly string[]): void => {
    if (lines.length > 0) rows.push([`  ${field}`, lines, `${part} ${field}`]);
  };
  below('arguments', args.length > 0 ? [args.map(word).join(' ')] : []);
  below(
    'environment',
    Object.entries(environment).map(([variable, value]) => `${variable}=${word(value)}`),
  );
  below('stdin', stdin === undefined ? [] : content(stdin, sha256));
  below('done', script.doneExits === undefined ? [] : [`with exit ${script.doneExits.join(', ')}`]);
  return rows;
}

function ldapRows({ url, bind, entry, change }: LdapOperation): Row[] {
  return [
    ['server', [`${word(url)}, as ${word(bind.dn)} with ${word(bind.password)}`]],
    ['entry', [word(entry)]],
    ...ldapChangeRows(change),
  ];
}

function ldapChangeRows(change: LdapOperation['change']): Row[] {
  switch (change.how) {
    case 'json':
      return [
        [
          'attribute',
          [`${change.attribute}: ${counted(change.set.length, 'value')} set inside its JSON; the rest stays as it is`],
        ],
        ['set', table(change.set.map(({ pointer, value }): Row => [pointer, [argument(value)]]))],
        ['undo', ['puts back the exact text that was there, if it is still what this step left']],
      ];
    case 'values':
      return [
        ...attributeRows('set', change.set),
        ...attributeRows('add', change.add),
        ...attributeRows('remove', change.remove),
        ['undo', ['puts back the exact values that were there, where they are still what this step left']],
      ];
    case 'present':
      return [
        ...attributeRows('has', change.attributes),
        [
          'undo',
          ['puts back the values that were there; an entry that this step made is deleted, if nobody added to it'],
        ],
      ];
    case 'schema':
      return [
        ...(change.attributeTypes.length > 0 ? [['attribute types', change.attributeTypes] as const] : []),
        ...(change.objectClasses.length > 0 ? [['object classes', change.objectClasses] as const] : []),
        ['undo', ['takes out the definitions that were added; servers may refuse that where they are in use']],
      ];
    case 'marker':
      return [
        ['peer', [`${word(change.peer.url)}, as ${word(change.peer.bind.dn)} with ${word(change.peer.bind.password)}`]],
        ['marker', ['an entry below it is written here, seen there, and removed; also by undo']],
      ];
    case 'search':
      return [
        ['reads', [`${change.count ? 'the number of entries' : change.attributes.join(', ')} (${change.scope})`]],
        ...Object.entries(change.where).map(([name, one]): Row => [
          `where ${name}`,
          one === true ? ['is there'] : one.map(word),
        ]),
      ];
    case 'absent':
      return [
        ['delete', ['the entry; refused where there are entries below it']],
        [
          'undo',
          ['makes it anew with all the attributes that the login could read; its entryUUID and history are lost'],
        ],
      ];
  }
}

function attributeRows(name: string, attributes: LdapAttributes): Row[] {
  const rows = Object.entries(attributes).map(([attribute, values]): Row => [
    attribute,
    values.length === 0 ? ['no values'] : values.flatMap(attributeValue),
  ]);
  return rows.length === 0 ? [] : [[name, table(rows)]];
}

function attributeValue(value: Text | Bytes): string[] {
  return typeof value === 'object' && 'base64' in value ? [`bytes ${value.base64}`] : [word(value)];
}
