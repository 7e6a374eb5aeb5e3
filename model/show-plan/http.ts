import type { HttpOperation, HttpRequest } from '../operation.js';
import { argument, word } from './data.js';
import { table } from './layout.js';

type Row = readonly [name: string, lines: readonly string[]];

/** What a step over HTTP sends, expects and takes back. */
export function httpRows({ request, refused, authority, check, undo }: HttpOperation): Row[] {
  return [
    ['request', requestLines(request)],
    ...(refused.length > 0 ? [['refused', [`with status ${refused.join(', ')}`]] as const] : []),
    ['trusts', [authority === undefined ? "the worker's own authorities" : `only ${word(authority)}`]],
    ...(check ? [['check', requestLines(check)] as const] : []),
    ...(undo ? [['undo', requestLines(undo)] as const] : []),
  ];
}

function requestLines({ method, url, headers, body, json, expect }: HttpRequest): string[] {
  const rows: Row[] = Object.entries(headers).map(([name, value]) => [name, [word(value)]]);
  if (body !== undefined) rows.push(['body', [word(body)]]);
  if (json !== undefined) rows.push(['json', [argument(json)]]);
  rows.push(['expect', [expect.status === 'success' ? 'status 200-299' : `status ${expect.status.join(', ')}`]]);
  if (expect.contains !== undefined) rows.push(['contains', [word(expect.contains)]]);
  for (const [pointer, value] of Object.entries(expect.json)) rows.push([pointer, [argument(value)]]);
  return [`${method} ${word(url)}`, ...table(rows).map((line) => `  ${line}`)];
}
