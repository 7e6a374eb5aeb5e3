/**
 * Unauthenticated connections under way to one server: sshd drops some of them beyond ten (`MaxStartups`).
 */
const atOnce = 6;
const underWay = new Map<string, Turns>();

interface Turns {
  busy: number;
  readonly waiting: (() => void)[];
}

/** Does `work` when fewer than six others are under way to the same server. */
export async function inTurn<T>(server: string, work: () => Promise<T>): Promise<T> {
  const turns = underWay.get(server) ?? { busy: 0, waiting: [] };
  underWay.set(server, turns);
  if (turns.busy >= atOnce) await new Promise<void>((resolve) => turns.waiting.push(resolve));
  else turns.busy += 1;
  try {
    return await work();
  } finally {
    const next = turns.waiting.shift();
    if (next) next();
    else if (--turns.busy === 0) underWay.delete(server);
  }
}
