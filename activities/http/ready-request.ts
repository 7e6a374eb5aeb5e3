import { isIP } from 'node:net';
import { Failed } from '../../model/failure.js';
import type { HttpOperation, HttpRequest, TransformArgument } from '../../model/operation.js';
import { valueFrom } from '../../model/holes.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import type { Template, Text, Value } from '../../model/value.js';

/** A request with every hole filled. It may hold secrets: never print it. */
export interface ReadyRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly expect: ReadyExpectation;
  /** PEM; those of Node.js where absent. */
  readonly authority?: string;
  /** An IP address that is connected to in place of those of the URL's name. */
  readonly address?: string;
}

export interface ReadyExpectation {
  readonly status: readonly number[] | 'success';
  readonly contains?: string;
  readonly json: Readonly<Record<string, Value>>;
}

export interface ReadyOperation {
  readonly request: ReadyRequest;
  readonly check?: ReadyRequest;
  readonly undo?: ReadyRequest;
}

/**
 * Fills the holes of an operation; refused where it would then mean something other than it says.
 *
 * @throws Failed `step/value-unusable`
 */
export function readyOperation(operation: HttpOperation, values: AwayValues): ReadyOperation {
  const authority = operation.authority === undefined ? undefined : values.fill(operation.authority).value;
  if (authority !== undefined && !/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(authority))
    throw unusable('its authority is no certificate in PEM');
  const address = operation.address === undefined ? undefined : values.fill(operation.address).value;
  if (address !== undefined && isIP(address) === 0) throw unusable('its address is no IP address');
  const ready = (request: HttpRequest): ReadyRequest => ({
    ...readyRequest(request, values),
    ...(authority !== undefined && { authority }),
    ...(address !== undefined && { address }),
  });
  return {
    request: ready(operation.request),
    ...(operation.check && { check: ready(operation.check) }),
    ...(operation.undo && { undo: ready(operation.undo) }),
  };
}

function readyRequest(request: HttpRequest, values: AwayValues): Omit<ReadyRequest, 'authority' | 'address'> {
  let secret = false;
  const fill = (text: Text): string => {
    const filled = values.fill(text);
    secret ||= filled.secret;
    return filled.value;
  };
  const url = urlOf(values.fill(request.url).value);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, text]) => [name, headerOf(name, fill(text))]),
  );
  const { expect } = request;
  // Of what is nothing but an expression, JSON has the value in its own type. A secret never comes this way.
  const inJson = (text: Text): Value => valueFrom(text, { ...values, fill: (one) => ({ value: fill(one) }) });
  const body = bodyOf(request, fill, inJson);
  if (secret && url.protocol === 'http:') throw unusable('a secret would go over the network in clear text');
  return {
    method: request.method,
    url,
    headers: request.json === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
    body,
    expect: {
      status: expect.status,
      json: Object.fromEntries(Object.entries(expect.json).map(([at, value]) => [at, filledJson(value, inJson)])),
      ...(expect.contains !== undefined && { contains: fill(expect.contains) }),
    },
  };
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw unusable('its url is not http://host or https://host');
  if (url.username !== '' || url.password !== '' || url.hash !== '') throw unusable('its url holds a login or a "#"');
  return url;
}

function headerOf(name: string, value: string): string {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
    throw unusable(`the header ${name} has characters that no header can have`);
  // Whoever reads it leaves them out.
  if (/^[\t ]|[\t ]$/.test(value))
    throw unusable(`the header ${name} begins or ends with a blank, which would not arrive`);
  return value;
}

function bodyOf({ body, json }: HttpRequest, fill: (text: Text) => string, inJson: (text: Text) => Value): Buffer {
  if (json !== undefined) return Buffer.from(JSON.stringify(filledJson(json, inJson)), 'utf8');
  return body === undefined ? Buffer.alloc(0) : Buffer.from(fill(body), 'utf8');
}

function filledJson(value: TransformArgument, fill: (text: Text) => Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (isTemplate(value)) return fill(value);
  if (Array.isArray(value)) return value.map((one) => filledJson(one as TransformArgument, fill));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, filledJson(one as TransformArgument, fill)]),
  );
}

function isTemplate(value: object): value is Template {
  return 'template' in value && Array.isArray(value.template);
}

function unusable(known: string): Failed {
  const next = 'correct the runbook or its inputs, and plan again';
  return new Failed({ kind: 'step/value-unusable', tried: 'to prepare an HTTP request', known, next });
}
