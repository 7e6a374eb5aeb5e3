import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { z } from 'zod';
import { description, type Description } from './describes.js';
import { problems } from './problem.js';

type Json = Readonly<Record<string, unknown>>;
type Handler = (...parameters: never[]) => unknown;

/** The OpenAPI 3.1 document of some routes, from the schemas by which they check what they are sent. */
export function openApi(routes: readonly Type[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const { path, method, operation } of routes.flatMap(operations)) (paths[path] ??= {})[method] = operation;
  return {
    openapi: '3.1.1',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Belay', version: '1', description: 'Plans, runs and their undo. See docs/api.md.' },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problemShape) },
    },
  };
}

const problemShape = z.strictObject({
  type: z.string(),
  kind: z.enum(Object.keys(problems) as [string, ...string[]]),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).exactOptional(),
  findings: z.array(z.looseObject({})).exactOptional(),
});

function operations(routes: Type): { path: string; method: string; operation: Json }[] {
  const base = String(Reflect.getMetadata(PATH_METADATA, routes) ?? '');
  return Object.getOwnPropertyNames(routes.prototype).flatMap((name) => {
    const handler = (routes.prototype as Record<string, Handler>)[name];
    const method: unknown = handler === undefined ? undefined : Reflect.getMetadata(METHOD_METADATA, handler);
    if (handler === undefined || typeof method !== 'number') return [];
    const path = [base, String(Reflect.getMetadata(PATH_METADATA, handler))].join('/').replace(/\/+/g, '/');
    return [
      {
        path: `/${path.replace(/^\/|\/$/g, '')}`.replaceAll(/:(\w+)/g, '{$1}'),
        method: (RequestMethod[method] ?? '').toLowerCase(),
        operation: operation(routes, name, handler),
      },
    ];
  });
}

function operation(routes: Type, name: string, handler: Handler): Json {
  const said = Reflect.getMetadata(description, handler) as Description | undefined;
  const body = sent(routes, name, RouteParamtypes.BODY);
  return {
    operationId: `${routes.name.replace(/Routes$/, '').toLowerCase()}.${name}`,
    summary: said?.summary ?? '',
    parameters: [
      ...parameters('path', sent(routes, name, RouteParamtypes.PARAM)),
      ...parameters('query', sent(routes, name, RouteParamtypes.QUERY)),
      ...headers(said),
    ],
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    }),
    responses: responses(said),
  };
}

/** The schema by which the handler checks one kind of what it is sent. */
function sent(routes: Type, name: string, kind: RouteParamtypes): z.ZodType | undefined {
  const known = (Reflect.getMetadata(ROUTE_ARGS_METADATA, routes, name) ?? {}) as Record<
    string,
    { schema?: z.ZodType }
  >;
  return Object.entries(known).find(([key]) => key.startsWith(`${kind}:`))?.[1].schema;
}

function parameters(place: 'path' | 'query', shape: z.ZodType | undefined): Json[] {
  if (shape === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(shape) as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema,
  }));
}

function headers(said: Description | undefined): Json[] {
  return Object.entries(said?.headers ?? {}).map(([name, about]) => ({
    name: name.replace(/!$/, ''),
    in: 'header',
    required: name.endsWith('!'),
    description: about,
    schema: { type: 'string' },
  }));
}

function responses(said: Description | undefined): Json {
  const good = Object.entries(said?.answers ?? {}).map(([status, shape]) => [
    status,
    { description: said?.summary ?? '', content: content(shape) },
  ]);
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return { ...Object.fromEntries(good), default: { description: 'A refusal, as RFC 9457 has it', content: problem } };
}

function content(shape: Description['answers'][number]): Json {
  if (shape === undefined) return {};
  return typeof shape === 'string' ? { [shape]: { schema: {} } } : { 'application/json': { schema: schemaOf(shape) } };
}

function schemaOf(shape: z.ZodType): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return schema;
}
