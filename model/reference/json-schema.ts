import { z } from 'zod';
import { inventory } from '../inventory/schema.js';
import { fragment } from '../runbook/fragment.js';
import { runbook } from '../runbook/runbook.js';
import { stepKeys, undoStepKeys } from '../runbook/step.js';
import type { StepKind } from '../steps/kind.js';

/** A JSON Schema (draft 2020-12) or a part of one. */
export type JsonSchema = { [name: string]: unknown };

/** Whether everything below may be written as an expression, as the arguments of steps may. */
interface Rules {
  readonly expressions: boolean;
}

const expression: JsonSchema = { type: 'string', pattern: '\\$\\{\\{', description: 'An expression, ${{ … }}' };

/** What editors complete and check in runbooks: the compiler's own schemas, with every kind of step. */
export function runbookJsonSchema(kinds: readonly StepKind[]): JsonSchema {
  const schema = convert(runbook, { expressions: false });
  const { phases } = schema.properties as { phases: { items: JsonSchema } };
  const [phase, repeated] = phases.items.anyOf as readonly [
    JsonSchema,
    { properties: { phases: { items: JsonSchema } } },
  ];
  phases.items = { if: { required: ['each'] }, then: repeated, else: { $ref: '#/$defs/phase' } };
  repeated.properties.phases.items = { $ref: '#/$defs/phase' };
  const whole = withKinds('Belay runbook', schema, phase.properties as WithSteps, kinds);
  return { ...whole, $defs: { phase, ...(whole.$defs as JsonSchema) } };
}

/** What editors complete and check in fragments. */
export function fragmentJsonSchema(kinds: readonly StepKind[]): JsonSchema {
  const schema = convert(fragment, { expressions: false });
  return withKinds('Belay fragment', schema, schema.properties as WithSteps, kinds);
}

type WithSteps = { steps: { items: JsonSchema } };

/** The schema of a document, with the kinds of steps put into the steps that stand in `place`. */
function withKinds(title: string, schema: JsonSchema, { steps }: WithSteps, kinds: readonly StepKind[]): JsonSchema {
  const [withUndo, undoing] = [steps.items, undoStepOf(steps.items)];
  steps.items = { $ref: '#/$defs/step' };
  const inner: JsonSchema = {};
  const step = calling(conditional(stepSchema(withUndo, stepKeys, kinds, inner)));
  (step.properties as JsonSchema).undo = undoSchema(step.properties as JsonSchema);
  const defs = {
    ...(schema.$defs as JsonSchema | undefined),
    step,
    undoStep: stepSchema(undoing, undoStepKeys, kinds, inner),
    ...inner,
  };
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...schema, $defs: defs };
}

/** Instead of a kind a step may call a fragment; `with` stands beside that alone. */
function calling(step: JsonSchema): JsonSchema {
  const oneOf = [...(step.oneOf as readonly JsonSchema[]), { required: ['call'] }];
  const dependentSchemas = { ...(step.dependentSchemas as JsonSchema), with: { required: ['call'] } };
  return { ...step, oneOf, dependentSchemas };
}

/** What editors complete and check in inventories. */
export function inventoryJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Belay inventory',
    ...convert(inventory, { expressions: false }),
  };
}

function convert(schema: z.ZodType, { expressions }: Rules): JsonSchema {
  const { $schema: _, ...converted } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) =>
      adapt(zodSchema as unknown as z.ZodType, jsonSchema as JsonSchema, expressions),
  }) as JsonSchema;
  return converted;
}

/** Makes a converted schema say what the compiler accepts where the library cannot know it. */
function adapt(schema: z.ZodType, json: JsonSchema, expressions: boolean): void {
  const { title, expressible, constant } = (schema.meta() ?? {}) as {
    title?: string;
    expressible?: boolean;
    constant?: boolean;
  };
  delete json.expressible;
  delete json.constant;
  if (json.type === undefined && schema instanceof z.ZodCustom) return replace(json, expression);
  if (title === 'text') return replace(json, { type: ['string', 'number', 'boolean'] });
  if (title === 'duration') return replace(json, { type: ['string', 'number'], examples: ['30s', '5m', '2h'] });
  const leaf =
    ['string', 'number', 'integer', 'boolean'].includes(String(json.type)) ||
    Array.isArray(json.enum) ||
    'const' in json;
  if (expressible === true || (expressions && leaf && constant !== true)) orExpression(json);
}

function replace(json: JsonSchema, by: JsonSchema): void {
  const { description } = json;
  for (const key of Object.keys(json)) delete json[key];
  Object.assign(json, by, description === undefined ? {} : { description });
}

function orExpression(json: JsonSchema): void {
  const { description, default: preset, ...own } = json;
  const kept = { ...(description !== undefined && { description }), ...(preset !== undefined && { default: preset }) };
  for (const key of Object.keys(json)) delete json[key];
  Object.assign(json, kept, { anyOf: [own, expression] });
}

/** A text that may lie in a file beside the document. */
function orFile(json: JsonSchema): void {
  const { description, ...own } = json;
  const file = { type: 'string', minLength: 1, description: 'A file below the folder of this document' };
  const lying = { type: 'object', properties: { file }, required: ['file'], additionalProperties: false };
  replace(json, { anyOf: [...((own.anyOf as readonly JsonSchema[] | undefined) ?? [own]), lying] });
  if (description !== undefined) json.description = description;
}

/** A step: its own keys, the key of exactly one kind, and the keys that may stand beside that. */
function stepSchema(
  base: JsonSchema,
  keys: readonly string[],
  kinds: readonly StepKind[],
  defs: JsonSchema,
): JsonSchema {
  const all = base.properties as JsonSchema;
  const own = Object.fromEntries(keys.map((key) => [key, all[key] ?? {}]));
  const kindProperties: JsonSchema = {};
  const owners = new Map<string, string[]>();
  for (const kind of kinds) {
    const { main, beside } = hoisted(kind, defs);
    kindProperties[kind.kind] = { ...main, description: kind.about };
    for (const [name, schema] of Object.entries(beside)) {
      kindProperties[name] ??= schema;
      owners.set(name, [...(owners.get(name) ?? []), kind.kind]);
    }
  }
  return {
    type: 'object',
    properties: { ...own, ...kindProperties },
    required: ['id', 'step'],
    additionalProperties: false,
    oneOf: kinds.map(({ kind }) => ({ required: [kind] })),
    dependentSchemas: Object.fromEntries(
      [...owners].map(([name, names]) => [name, { anyOf: names.map((kind) => ({ required: [kind] })) }]),
    ),
  };
}

/** Schemas that call themselves keep their parts under `$defs`, which only the top of a document may have. */
function hoisted(kind: StepKind, defs: JsonSchema): ReturnType<typeof argumentSchemas> {
  const text = JSON.stringify(argumentSchemas(kind)).replaceAll('#/$defs/__schema', `#/$defs/${kind.kind}_`);
  const schemas = JSON.parse(text) as { main: JsonSchema; beside: Record<string, JsonSchema> };
  for (const [name, schema] of Object.entries((schemas.main.$defs ?? {}) as JsonSchema)) {
    defs[name.replace('__schema', `${kind.kind}_`)] = schema;
  }
  delete schemas.main.$defs;
  return schemas;
}

/** The schema of a kind's own key, and of those beside it. */
export function argumentSchemas(kind: StepKind): {
  readonly main: JsonSchema;
  readonly beside: Readonly<Record<string, JsonSchema>>;
} {
  const schema = convert(kind.schema, { expressions: true });
  for (const name of kind.texts ?? []) orFile((schema.properties as Record<string, JsonSchema>)[name] ?? {});
  if (kind.beside === undefined) return { main: schema, beside: {} };
  const { [kind.kind]: main, ...beside } = schema.properties as Record<string, JsonSchema>;
  return { main: { ...main, ...(schema.$defs !== undefined && { $defs: schema.$defs }) }, beside };
}

function undoStepOf(step: JsonSchema): JsonSchema {
  const none: JsonSchema = {};
  const { undo } = step.properties as {
    undo: { anyOf: readonly { properties?: { steps?: { items?: JsonSchema } } }[] };
  };
  return undo.anyOf.find(({ properties }) => properties?.steps?.items !== undefined)?.properties?.steps?.items ?? none;
}

function undoSchema(properties: JsonSchema): JsonSchema {
  const { description } = properties.undo as JsonSchema;
  const steps = {
    type: 'object',
    properties: { steps: { type: 'array', minItems: 1, items: { $ref: '#/$defs/undoStep' } } },
    required: ['steps'],
    additionalProperties: false,
  };
  const by = {
    type: 'object',
    properties: { by: { anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }] } },
    required: ['by'],
    additionalProperties: false,
  };
  return {
    description,
    anyOf: [
      { const: 'none', description: 'Cannot be undone; "because" says why' },
      { ...steps, description: 'Steps that take it back' },
      { ...by, description: 'Earlier steps of the same hosts, whose undo takes it back, too' },
    ],
  };
}

/** `undo: none` and `because` go together. */
function conditional(step: JsonSchema): JsonSchema {
  const none = { properties: { undo: { const: 'none' } }, required: ['undo'] };
  return { ...step, allOf: [{ if: none, then: { required: ['because'] }, else: { properties: { because: false } } }] };
}
