import { expect, test } from 'vitest';
import { createHttpActivities } from '../../activities/http/activities.js';
import type { HttpOperation } from '../../model/operation.js';
import type { Result } from '../../model/record.js';
import { impossible } from '../ssh/nasty-values.js';
import { recordsOf } from '../steps/away-world.js';
import { compileStep } from '../steps/cases.js';
import { nastyTexts, unlessRefused } from '../steps/leaves.js';
import { serveThings } from './server.js';

const values = [...nastyTexts('/canary'), ...Object.values(impossible).filter((value) => value.length < 3000)];
const server = serveThings();

/** Where a value is put in a request, and what the server then has of it; the value itself where `as` does not say more. */
interface Place {
  readonly request: (value: string) => object;
  readonly arrived: () => unknown;
  readonly as?: (value: string) => string;
}

/** What an address does not hold as it is goes as the bytes of its UTF-8, each as `%XX`; all else stays. */
const inQuery = (value: string): string =>
  [...Buffer.from(value)]
    .map((byte) => [byte, String.fromCharCode(byte)] as const)
    .map(([byte, character]) =>
      byte <= 0x20 || byte >= 0x7f || '"#<>\''.includes(character)
        ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : character,
    )
    .join('');

const places: Readonly<Record<string, Place>> = {
  body: { request: (body) => ({ body }), arrived: () => server.things.get('/things/a') },
  'a value of the JSON': {
    request: (value) => ({ json: { a: [value] } }),
    arrived: () => (JSON.parse(server.things.get('/things/a') ?? '') as { a: unknown[] }).a[0],
  },
  // One byte a character, as a header has them.
  'a header': {
    request: (value) => ({ headers: { 'X-Nasty': value } }),
    arrived: () => server.headers[0]?.['x-nasty'],
  },
  'the query of its address': {
    request: (value) => ({ url: `https://localhost:${server.port}/things/a?value=${value}` }),
    arrived: () => server.requests[0]?.replace('PUT /things/a?value=', ''),
    as: inQuery,
  },
};

test.each(Object.keys(places))('nasty values are refused, or arrive as they are, as %s', async (called) => {
  const { request, arrived, as = String } = places[called]!;
  let done = 0;
  for (const value of values) {
    server.forget();
    const result = await put(request(value));
    const said = `${JSON.stringify(value)}: ${JSON.stringify(result)}`;
    if (result?.ending === 'done') {
      expect(arrived(), said).toBe(as(value));
      done += 1;
    } else expect([result?.ending ?? 'refused', server.requests], said).toEqual(['refused', []]);
  }
  expect(done).toBeGreaterThan(10);
});

/** How a request ended; undefined where it did not come to be one. */
async function put(more: object): Promise<Result | undefined> {
  const operation = compiled({ method: 'PUT', url: `https://localhost:${server.port}/things/a`, ...more });
  if (!operation) return undefined;
  const records = recordsOf(operation, {}, { repeatable: false, seconds: 20 });
  const activities = createHttpActivities({
    ...records.needs,
    announce: async (intent) => records.announce(intent),
    allowed: () => true,
    limits: { connect: 5000, grace: 200, outcome: 600, body: 1_000_000 },
  });
  await activities.runHttpStep({ run: 'r1', phase: 0, wave: 0, step: 'thing', hosts: [{ host: 'web', attempt: 1 }] });
  return records.results[0];
}

function compiled(step: object): HttpOperation | undefined {
  return unlessRefused(() => compileStep({ http: { authority: server.authority, ...step } })) as
    HttpOperation | undefined;
}
