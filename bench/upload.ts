import { createHash, randomBytes } from 'node:crypto';
import type { Client, SFTPWrapper } from 'ssh2';
import { closeAll, openAll } from './bare-loop.js';
import { inTurn, seconds } from './figures.js';
import type { Measure } from './measures.js';
import { narrowed } from './narrowed.js';
import { planOf, timeRun } from './runs.js';

const size = 1024 * 1024;
/** Uploads a host in one run, so that what a run costs by itself does not hide what an upload costs. */
const files = 8;

/** 1 MiB to 20 hosts, some times over: a `file` step, read back and undoable, against a bare SFTP loop. */
export const upload: Measure = async ({ belay, destinations, lab }, rounds, print) => {
  const clients = await openAll(destinations);
  try {
    const sftp = await Promise.all(clients.map(openSftp));
    const ours = async (): Promise<number> => {
      const content = contents();
      const steps = [...content.keys()].map((name, index) => ({
        id: `up${index + 1}`,
        step: `File ${index + 1} is there`,
        file: { path: `/srv/ours-${index}`, source: name },
      }));
      const took = await timeRun(belay, await planOf(belay, steps, { files: content }));
      await mustHold(lab, content);
      return took;
    };
    const bare = async (): Promise<number> => {
      const content = [...contents().values()];
      return seconds(async () =>
        Promise.all(
          sftp.map(async (channel) => {
            for (const [index, bytes] of content.entries()) await put(channel, `/srv/bare-${index}`, bytes);
          }),
        ),
      );
    };
    const { a, b, ratio } = await inTurn(rounds, ours, bare);
    print('upload-seconds', a);
    print('bare-sftp-seconds', b);
    print('ratio-to-bare-sftp', ratio);
  } finally {
    closeAll(clients);
  }
};

/** The same where all hosts share a link of 100 Mbit/s, so that both wait for what they send. */
export const link: Measure = async (place, rounds, print) =>
  narrowed(place.lab, 100, async () => upload(place, rounds, (name, value) => print(`${name}-at-100-mbit`, value)));

/** Fresh ones each time: what is there already would not be sent. */
function contents(): Map<string, Buffer> {
  return new Map(Array.from({ length: files }, (_, index) => [`file${index}`, randomBytes(size)]));
}

async function mustHold(
  lab: { hosts: readonly { name: string }[]; exec(host: string, argv: readonly string[]): Promise<{ stdout: string }> },
  content: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const host = lab.hosts.at(-1)?.name ?? '';
  const last = [...content.values()].at(-1) ?? Buffer.alloc(0);
  const seen = (await lab.exec(host, ['sha256sum', `/srv/ours-${files - 1}`])).stdout.split(' ')[0];
  if (seen !== createHash('sha256').update(last).digest('hex')) throw new Error(`${host} did not get its file`);
}

async function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))));
}

async function put(sftp: SFTPWrapper, path: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => sftp.writeFile(path, bytes, (error) => (error ? reject(error) : resolve())));
}
