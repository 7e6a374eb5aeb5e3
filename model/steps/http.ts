import { z } from 'zod';
import type { HttpRequest, TransformArgument } from '../operation.js';
import { isPointer } from '../transforms/json-text.js';
import { holdsSecret, type Template, type Text, type Value } from '../value.js';
import { ipAddress, template, text } from './arguments.js';
import { stepKind, Unusable } from './kind.js';

const url = () =>
  text({
    pattern: /^https?:\/\/[^\s/?#@\\]+(?:[/?][^\s#@\\]*)?$/,
    message: 'must be https://host or http://host, with port and path where needed, without a login or a "#"',
  });

/** These frame a request or are the connection's own. */
const taken = /^(?:host|content-length|transfer-encoding|connection|expect|upgrade|te|trailer|accept-encoding)$/i;

const headers = () =>
  z
    .record(
      z
        .string()
        .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header')
        .refine((name) => !taken.test(name), 'this header is set by Belay itself'),
      text({ secret: true }),
    )
    .default({})
    .describe('Headers by name; secrets may go here');

const expect = z
  .strictObject({
    status: z
      .union([
        z
          .int()
          .min(200)
          .max(599)
          .transform((one) => [one]),
        z.array(z.int().min(200).max(599)).min(1),
      ])
      .optional()
      .describe('200 to 299 where absent'),
    contains: text().optional().describe('A text that the body must hold'),
    json: z
      .record(
        z.string().refine(isPointer, 'must be a JSON pointer such as /items/0/name'),
        z.json() as z.ZodType<Value>,
      )
      .default({})
      .describe('Values that must be in the JSON of the body, by JSON pointer'),
  })
  .default({ json: {} })
  .describe('What the answer must be like');

/** JSON with expressions in it; one that is a whole value has its own type by the time it is sent, a piece of a text is text. */
const body = {
  body: text({ secret: true }).optional().describe('The body as it is; secrets may go here'),
  json: (z.json() as unknown as z.ZodType<TransformArgument>)
    .optional()
    .describe('The body as JSON; secrets may go here'),
};
const question = z.strictObject({ url: url(), headers: headers(), expect });
const back = z.strictObject({
  method: z.enum(['PUT', 'DELETE', 'POST', 'PATCH']),
  url: url(),
  headers: headers(),
  ...body,
  expect,
  repeatable: z.literal(true).optional().describe('Needed for POST and PATCH: sending it twice does no harm'),
});

const schema = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  url: url().describe('Where; a secret may not go here, since servers log it'),
  headers: headers(),
  ...body,
  expect,
  refused: z
    .array(z.int().min(300).max(599))
    .default([])
    .describe('Statuses by which the server says that surely nothing happened'),
  authority: text({ secret: true })
    .optional()
    .describe("PEM of the only authority whose certificates are taken; the system's where absent"),
  address: ipAddress()
    .optional()
    .describe(
      "Where to connect, whatever the URL's name resolves to: one node behind a balancer. The name is still the one that is asked for, and that the certificate must be for",
    ),
  check: question
    .optional()
    .describe('A GET that is answered so where it is so: asked before, afterwards, and where an answer is lost'),
  undo: back.optional().describe('The request that takes it back; it must do no harm when it is sent twice'),
});
type Arguments = z.infer<typeof schema>;

export const http = stepKind<Arguments>({
  kind: 'http',
  on: 'http',
  about: 'Sends one HTTP request from the worker, and proves by its answer, or by a question, what it did.',
  schema,
  undo: 'author',
  undoOf: (written) => {
    const { method, undo } = written as { method?: unknown; undo?: unknown };
    if (undo !== undefined) return 'restore';
    return method === undefined || method === 'GET' || method === 'HEAD' ? 'nothing' : 'author';
  },
  repeatable: false,
  compile({ authority, address, check, undo, refused, ...request }) {
    mustFit(request, []);
    if (check) mustFit({ ...check, method: 'GET' }, ['check']);
    if (undo) {
      mustFit(undo, ['undo']);
      if (isQuestion(request.method)) throw new Unusable(['undo'], `${request.method} changes nothing to undo`);
      if (!['PUT', 'DELETE'].includes(undo.method) && undo.repeatable !== true)
        throw new Unusable(['undo', 'method'], 'may be sent twice; use PUT or DELETE, or say "repeatable: true"');
    }
    return {
      on: 'http',
      request: requestOf(request),
      refused,
      ...(authority !== undefined && { authority }),
      ...(address !== undefined && { address }),
      ...(check && { check: requestOf({ ...check, method: 'GET' }) }),
      ...(undo && { undo: requestOf(undo, undo.method === 'DELETE' ? [404, 410] : []) }),
    };
  },
});

function isQuestion(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

type Written = Pick<Arguments, 'url' | 'headers' | 'body' | 'json' | 'expect'> & { readonly method: string };

/** @param gone - statuses that mean "it is not there", where nothing else is expected */
function requestOf(
  { method, url: to, headers: head, body: raw, json, expect: wanted }: Written,
  gone: number[] = [],
): HttpRequest {
  const status = wanted.status ?? (gone.length > 0 ? [200, 202, 204, ...gone] : 'success');
  return {
    method,
    url: to,
    headers: head,
    ...(raw !== undefined && { body: raw }),
    ...(json !== undefined && { json }),
    expect: { status, json: wanted.json, ...(wanted.contains !== undefined && { contains: wanted.contains }) },
  };
}

function mustFit(request: Written, path: readonly string[]): void {
  if (request.body !== undefined && request.json !== undefined)
    throw new Unusable([...path, 'json'], 'has a body already: use one of "body" and "json"');
  const bodied = request.body !== undefined || request.json !== undefined;
  if (bodied && isQuestion(request.method)) throw new Unusable([...path, 'method'], `${request.method} has no body`);
  if (typeof request.url === 'string' && request.url.startsWith('http:') && carriesSecret(request))
    throw new Unusable([...path, 'url'], 'a secret would go over the network in clear text; use https');
}

function carriesSecret({ headers: head, body: raw, json }: Written): boolean {
  return [...Object.values(head), raw, ...textsIn(json)].some((one) => one !== undefined && holdsSecret(one));
}

function textsIn(value: TransformArgument | undefined): Text[] {
  if (typeof value !== 'object' || value === null) return [];
  if (template.safeParse(value).success) return [value as Template];
  return Object.values(value).flatMap((inner) => textsIn(inner as TransformArgument));
}
