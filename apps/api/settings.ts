import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** What is told must not be read on the way, nor go where a user in the address would send it. */
function isSafe(text: string): boolean {
  const url = URL.parse(text);
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url?.hostname ?? '');
  return url !== null && url.username === '' && url.password === '' && (url.protocol === 'https:' || loopback);
}

const environment = z.object({
  BELAY_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  BELAY_TEMPORAL_ADDRESS: z.string().min(1),
  BELAY_TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  BELAY_DATA: z.string().min(1).optional(),
  BELAY_API_HOST: z.string().min(1).default('127.0.0.1'),
  BELAY_API_PORT: z.coerce.number().int().min(0).max(65535).default(7243),
  /** Who is told of runs that wait or end badly. https, or http on this machine. */
  BELAY_WEBHOOK_URL: z
    .url({ protocol: /^https?$/ })
    .refine(isSafe, 'must be https, or http on loopback; without a user in it')
    .optional(),
  BELAY_WEBHOOK_SECRET_FILE: z.string().min(1).optional(),
  XDG_DATA_HOME: z.string().min(1).optional(),
});

export interface Settings {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** The folder that holds `api-token` (0600) and the worker's public key. */
  readonly data: string;
  /** Loopback, unless a container's own network is the fence. */
  readonly host: string;
  readonly port: number;
  /** Absent where nobody is told. */
  readonly webhook?: { readonly url: string; readonly secretFile: string };
}

/**
 * Reads the environment, once, at start.
 *
 * @throws Error that names the setting and what is wrong with it
 */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const read = environment.safeParse(variables);
  if (!read.success) {
    const wrong = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`settings of the API: ${wrong.join('; ')}`);
  }
  const set = read.data;
  return {
    databaseUrl: set.BELAY_DATABASE_URL,
    temporalAddress: set.BELAY_TEMPORAL_ADDRESS,
    temporalNamespace: set.BELAY_TEMPORAL_NAMESPACE,
    data: set.BELAY_DATA ?? join(set.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'belay'),
    host: set.BELAY_API_HOST,
    port: set.BELAY_API_PORT,
    ...webhookOf(set),
  };
}

function webhookOf(set: z.infer<typeof environment>): Pick<Settings, 'webhook'> {
  const { BELAY_WEBHOOK_URL: url, BELAY_WEBHOOK_SECRET_FILE: secretFile } = set;
  if (url === undefined) return {};
  if (secretFile === undefined)
    throw new Error('settings of the API: BELAY_WEBHOOK_SECRET_FILE: needed with BELAY_WEBHOOK_URL');
  return { webhook: { url, secretFile } };
}
