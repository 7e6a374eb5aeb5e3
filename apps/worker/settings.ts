// cspell:words stringbool
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const seconds = (standard: number) => z.coerce.number().int().positive().default(standard);

/** Everything the worker reads from its environment, once, at its start. */
const schema = z.object({
  BELAY_DATA: z.string().default(join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'belay')),
  BELAY_DATABASE_URL: z.string(),
  BELAY_TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  BELAY_TEMPORAL_NAMESPACE: z.string().default('default'),
  /**
   * Seconds for which a host that was lost in mid-`do` is asked again before its task is unknown. Beyond a quarter of an
   * hour the activity would end first, and ask from the beginning for ever; a step that needs more says `lost_after`.
   */
  BELAY_OUTCOME_SECONDS: z.coerce.number().int().positive().max(900).default(600),
  /** Seconds that a check, capture or verify may take on a host. */
  BELAY_LOOK_SECONDS: seconds(60),
  /** Bytes of output kept a stream and task. */
  BELAY_OUTPUT_BYTES: seconds(256 * 1024 * 1024),
  /** Whether `http` steps may reach the worker's own machine, where Belay's own servers listen. */
  BELAY_HTTP_LOOPBACK: z.stringbool().default(false),
  SSH_AUTH_SOCK: z.string().optional(),
});

export type Settings = z.infer<typeof schema>;

/** @throws Error that names each setting that is missing or wrong */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
