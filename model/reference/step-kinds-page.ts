import type { StepKind } from '../steps/kind.js';
import { argumentSchemas, type JsonSchema } from './json-schema.js';

const goesBack = {
  restore: 'Goes back on its own, to exactly what was there before.',
  author:
    'The author says how it goes back: `undo: { steps: […] }`, `undo: { by: STEP }`, or `undo: none` with `because`, or `read_only: true`.',
  within: 'Goes back by its own `undo`, or the author says `undo: none` with `because`, or `read_only: true`.',
  nothing: 'Changes nothing, so there is nothing to undo.',
} as const;

/** The reference of all kinds of steps, in Markdown, from the list of kinds. */
export function stepKindsPage(kinds: readonly StepKind[]): string {
  const sections = kinds.map(section);
  const index = kinds.map(({ kind, about }) => `- [\`${kind}\`](#${kind.replace('.', '')}): ${about}`);
  return `${[
    '# Kinds of steps',
    '',
    '<!-- Generated from model/steps/kinds.ts by apps/cli/write-schemas.ts; do not edit. -->',
    '',
    'A step has an `id`, a name (`step`: what is so afterwards), and the key of exactly one of these kinds.',
    'Text, numbers and truth values in its arguments may be expressions, `${{ … }}`. Where a value is a text or a mapping of `file`,',
    'the text may lie in a file beside the document ([runbooks](runbooks.md#texts-in-files)).',
    '',
    ...index,
    ...sections.flatMap((lines) => ['', ...lines]),
  ].join('\n')}\n`;
}

function section(kind: StepKind): string[] {
  const { main, beside } = argumentSchemas(kind);
  const own = ownRows(kind.kind, main);
  const others = Object.entries(beside).map(([name, schema]) =>
    row(`${name} (beside \`${kind.kind}\`)`, schema as JsonSchema, false),
  );
  const repeat = kind.repeatable
    ? 'A second try does no harm.'
    : 'After a try whose end is not known, somebody decides whether it is tried again.';
  return [
    `## ${kind.kind}`,
    '',
    `${kind.about} ${goesBack[kind.undo !== 'author' || kind.on === undefined ? kind.undo : 'within']} ${repeat}`,
    '',
    '| Key | Value | What it says |',
    '| --- | --- | --- |',
    ...own,
    ...others,
  ];
}

/** The keys of a kind's mapping; of all its variants where there are several; or the kind's key itself. */
function ownRows(name: string, main: JsonSchema): string[] {
  if (main.properties !== undefined) return rows(main);
  const variants = (main.oneOf ?? main.anyOf ?? []) as readonly JsonSchema[];
  if (variants.length === 0 || !variants.every(({ properties }) => properties !== undefined))
    return [`| \`${name}\` | ${typeOf(main)} | ${told(main)} |`];
  const keys = [...new Set(variants.flatMap(({ properties }) => Object.keys(properties as JsonSchema)))];
  return keys.map((key) => mergedRow(key, variants));
}

/** A key that several variants have: what each of them takes. */
function mergedRow(key: string, variants: readonly JsonSchema[]): string {
  const having = variants.filter(({ properties }) => Object.hasOwn(properties as JsonSchema, key));
  const schemas = having.map(({ properties }) => (properties as Record<string, JsonSchema>)[key] ?? {});
  const required = variants.every((variant) => ((variant.required ?? []) as readonly string[]).includes(key));
  const described = schemas.find(({ description }) => description !== undefined)?.description;
  return row(key, { anyOf: schemas, ...(described !== undefined && { description: described }) }, required);
}

function rows(schema: JsonSchema): string[] {
  const required = (schema.required ?? []) as readonly string[];
  return Object.entries(schema.properties as Record<string, JsonSchema>).map(([name, inner]) =>
    row(name, inner, required.includes(name)),
  );
}

function row(name: string, schema: JsonSchema, required: boolean): string {
  const preset = schema.default === undefined ? '' : ` Default: \`${JSON.stringify(schema.default)}\`.`;
  const key = name.includes('`') ? `\`${name.replace(' ', '` ')}` : `\`${name}\``;
  return `| ${key}${required ? ' (required)' : ''} | ${typeOf(schema)} | ${told(schema)}${preset} |`;
}

function told(schema: JsonSchema): string {
  const description = typeof schema.description === 'string' ? schema.description : '';
  return (
    description.replaceAll('|', '\\|').replaceAll('\n', ' ') +
    (description === '' || /[.!?]$/.test(description) ? '' : '.')
  );
}

/** What may be written, in a few words. Expressions may stand everywhere, so they are not told each time. */
function typeOf(schema: JsonSchema): string {
  const options = (schema.anyOf as readonly JsonSchema[] | undefined)?.filter(
    ({ description }) => description !== 'An expression, ${{ … }}',
  );
  if (options !== undefined) return [...new Set(options.map(typeOf))].join(' or ');
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if ('const' in schema) return `\`${String(schema.const)}\``;
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as JsonSchema)}`;
  if (schema.type === 'object')
    return schema.properties === undefined
      ? 'mapping'
      : `mapping of ${Object.keys(schema.properties as JsonSchema)
          .map((name) => `\`${name}\``)
          .join(', ')}`;
  if (Array.isArray(schema.type)) return schema.examples === undefined ? 'text' : 'duration';
  return names[String(schema.type)] ?? 'value';
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  null: 'nothing',
  within: 'Goes back by its own `undo`, or the author says `undo: none` with `because`, or `read_only: true`.',
};
