import { Option } from 'commander';
import type { SecretsAnswer } from '../../../model/answers.js';
import { clientOf } from '../client-of.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import { positive } from '../inputs.js';
import { makeSecret } from '../make-secrets.js';
import type { Register } from '../program.js';
import { readValue } from '../read-value.js';
import { usage } from '../stop.js';
import { storeSecret } from '../store-secret.js';
import { say } from '../world.js';

const named = /^[a-z][a-z0-9_.-]{0,62}$/;

export const registerSecret: Register = (program, world) => {
  const secret = program.command('secret').description('values that only the worker can open');
  secret
    .command('set')
    .description('store a value, read from standard input, as the next version of a secret')
    .argument('<name>', 'the name by which runbooks and inventories mean it')
    .argument('[value]', 'never here: others could read it in the list of processes')
    .action(async (name: string, value: string | undefined) => {
      if (value !== undefined) {
        throw usage('a value in the command line can be read by others; give it on standard input, and change it now');
      }
      refuseOtherNames(name);
      const client = clientOf(world);
      const kept = await storeSecret(client, name, await readValue(world, `Value of ${name} (not shown): `));
      say(world, `${kept.name}: version ${kept.version} is stored, sealed to the worker`);
    });
  secret
    .command('generate')
    .description('make a value that nobody sees, as the next version of a secret: text, or a certificate authority')
    .argument('<name>', 'the name by which runbooks and inventories mean it')
    .addOption(new Option('--length <characters>', 'how long a text').argParser(positive).default(32))
    .addOption(new Option('--authority <name>', 'an authority of this common name').conflicts('length'))
    .action(async (name: string, { length, authority }: { length: number; authority?: string }) => {
      refuseOtherNames(name);
      if (length < 16 || length > 256) throw usage('--length must be from 16 to 256 characters');
      if (authority?.length === 0 || (authority ?? '').length > 64)
        throw usage('--authority must have 1 to 64 characters');
      const kept = await makeSecret(clientOf(world), name, authority === undefined ? { length } : { authority });
      say(world, `${kept.name}: version ${kept.version} is made and stored, sealed to the worker`);
    });
  secret
    .command('list')
    .description('names and newest versions, never a value')
    .addOption(formatOption())
    .action(async (options: { output: Format }) => {
      const answer = await clientOf(world).get<SecretsAnswer>('/v1/secrets');
      if (options.output !== 'table') return say(world, structured(answer, options.output));
      if (answer.secrets.length === 0) return say(world, 'no secrets');
      const rows = answer.secrets.map((one) => [
        one.name,
        String(one.version),
        one.at.slice(0, 19).replace('T', ' '),
        one.by,
      ]);
      say(world, table(['NAME', 'VERSION', 'STORED (UTC)', 'BY'], rows));
    });
};

function refuseOtherNames(name: string): void {
  if (!named.test(name)) throw usage(`${name} is no name of a secret: begin with a letter; a-z 0-9 _ . - may follow`);
}
