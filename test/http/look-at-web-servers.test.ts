import { expect, test } from 'vitest';
import { createHttpLooks } from '../../activities/http/look-at-web-servers.js';
import { looksAt } from '../steps/away-looks.js';
import { serveThings } from './server.js';

const server = serveThings();

/** A request that would set a thing, asking first whether it is there. */
function put(thing: string, more: object = {}): Record<string, unknown> {
  const url = `https://localhost:${server.port}/things/${thing}`;
  const check = { url, expect: { contains: 'so' } };
  const undo = { method: 'DELETE', url };
  return { http: { method: 'PUT', url, authority: server.authority, body: 'so', check, undo, ...more } };
}

test('a live plan asks the checks of requests, and sends nothing else', async () => {
  server.things.set('/things/there', 'it is so');
  const elsewhere = put('a', { check: { url: 'https://localhost:1/' } });
  const bare = {
    http: { method: 'POST', url: `https://localhost:${server.port}/things/bare`, authority: server.authority },
  };
  const asks = { http: { url: `https://localhost:${server.port}/health`, authority: server.authority } };
  const steps = { there: put('there'), new: put('new'), bare, asks, elsewhere, off: put('off'), later: put('later') };
  const { needs, looks } = looksAt(steps, {});
  const limits = { connect: 5000, grace: 5000, outcome: 500, body: 10_000 };
  const looking = createHttpLooks({ ...needs, allowed: () => true, limits });
  expect(await looking.lookAtWebServers({ live: 'live-1', planHash: 'h' })).toBe(7);
  const at = `https://localhost:${server.port}`;
  expect(looks.map(({ step, state, because }) => [step, state, because])).toEqual([
    ['there', 'already_so', undefined],
    ['new', 'would_change', `PUT ${at}/things/new; now the check is answered with status 404, and not 200 to 299`],
    ['bare', 'would_run', `POST ${at}/things/bare; it has no check`],
    ['asks', 'would_run', `GET ${at}/health; it only asks`],
    ['elsewhere', 'unreachable', 'http/unreachable: no connection (ECONNREFUSED); the request was not sent'],
    ['off', 'skipped', 'its `when` does not hold'],
    ['later', 'not_known', undefined],
  ]);
  expect(server.requests).toEqual(['GET /things/there', 'GET /things/new']);
});
