import { z } from 'zod';
import { duration, port as portNumber, text } from './arguments.js';
import { stepKind, Unusable } from './kind.js';
import { probePort } from './port.sh.js';

export const port = stepKind({
  kind: 'port',
  about: "Proves that a TCP port is open, or closed, as seen from the step's host.",
  schema: z.strictObject({
    host: text({ pattern: /^[A-Za-z0-9:][A-Za-z0-9:._-]*$/, message: 'must be a host name or an address' }),
    port: portNumber(),
    expect: z
      .enum(['open', 'closed'])
      .describe('open: a connection is accepted; closed: refused, or no answer in time'),
    timeout: duration().default(3).describe('How long to wait for an answer'),
  }),
  undo: 'nothing',
  repeatable: true,
  compile(args) {
    if (args.timeout < 1 || args.timeout > 60) throw new Unusable(['timeout'], 'must be from 1s to 60s');
    return {
      on: 'host',
      do: {
        text: probePort,
        arguments: [args.host, args.port, args.expect, String(args.timeout)],
        refusal: 1,
      },
    };
  },
});
