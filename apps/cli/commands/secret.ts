import { Option } from 'commander';
import type { SecretKept, SecretsAnswer } from '../../../model/answers.js';
import { clientOf } from '../client-of.js';
import { confirm } from '../confirm.js';
import { formatOption, structured, table, type Format } from '../formats.js';
import { positive } from '../inputs.js';
import { makeSecret } from '../make-secrets.js';
import type { Register } from '../program.js';
import { readValue } from '../read-value.js';
import { usage } from '../stop.js';
import { storeSecret } from '../store-secret.js';
import { say } from '../world.js';

const named = /^[a-z][a-z0-9_.-]{0,62}$/;
const nameHelp = 'the name by which runbooks and inventories mean it';
const nextHelp = 'as its next value: a runbook puts it in place and makes it the current one';

type Group = Parameters<Register>[0];

export const registerSecret: Register = (program, world) => {
  const secret = program.command('secret').description('values that only the worker can open');
  registerSet(secret, world);
  registerGenerate(secret, world);
  registerAbandon(secret, world);
  registerList(secret, world);
};

function registerSet(secret: Group, world: Parameters<Register>[1]): void {
  secret
    .command('set')
    .description('store a value, read from standard input, as the current one of a secret')
    .argument('<name>', nameHelp)
    .argument('[value]', 'never here: others could read it in the list of processes')
    .option('--next', nextHelp)
    .action(async (name: string, value: string | undefined, { next = false }: { next?: boolean }) => {
      if (value !== undefined) {
        throw usage('a value in the command line can be read by others; give it on standard input, and change it now');
      }
      refuseOtherNames(name);
      const client = clientOf(world);
      const kept = await storeSecret(client, name, await readValue(world, `Value of ${name} (not shown): `), next);
      say(world, `${kept.name}: version ${kept.version} is stored, sealed to the worker${waiting(next)}`);
    });
}

function registerGenerate(secret: Group, world: Parameters<Register>[1]): void {
  secret
    .command('generate')
    .description('make a value that nobody sees, as the current one of a secret: text, or a certificate authority')
    .argument('<name>', nameHelp)
    .addOption(new Option('--length <characters>', 'how long a text').argParser(positive).default(32))
    .addOption(new Option('--authority <name>', 'an authority of this common name').conflicts('length'))
    .option('--next', nextHelp)
    .action(async (name: string, options: { length: number; authority?: string; next?: boolean }) => {
      const { length, authority, next = false } = options;
      refuseOtherNames(name);
      if (length < 16 || length > 256) throw usage('--length must be from 16 to 256 characters');
      if (authority?.length === 0 || (authority ?? '').length > 64)
        throw usage('--authority must have 1 to 64 characters');
      const making = authority === undefined ? { length } : { authority };
      const kept = await makeSecret(clientOf(world), name, making, next);
      say(world, `${kept.name}: version ${kept.version} is made and stored, sealed to the worker${waiting(next)}`);
    });
}

function registerAbandon(secret: Group, world: Parameters<Register>[1]): void {
  secret
    .command('abandon')
    .description('give up the next value of a secret: runs that begin from then on make another one')
    .argument('<name>', nameHelp)
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, { yes = false }: { yes?: boolean }) => {
      refuseOtherNames(name);
      const question = `Give up the next value of ${name}? A server that has it lets nobody in with the current one.`;
      await confirm(world, question, yes);
      const kept = await clientOf(world).post<SecretKept>(`/v1/secrets/${name}/abandon`, {});
      say(world, `${kept.name}: version ${kept.version} does not wait any more`);
    });
}

function registerList(secret: Group, world: Parameters<Register>[1]): void {
  secret
    .command('list')
    .description('names, current and next versions, never a value')
    .addOption(formatOption())
    .action(async (options: { output: Format }) => {
      const answer = await clientOf(world).get<SecretsAnswer>('/v1/secrets');
      if (options.output !== 'table') return say(world, structured(answer, options.output));
      if (answer.secrets.length === 0) return say(world, 'no secrets');
      const rows = answer.secrets.map((one) => [
        one.name,
        String(one.version),
        one.next === undefined ? '-' : String(one.next),
        one.at.slice(0, 19).replace('T', ' '),
        one.by,
      ]);
      say(world, table(['NAME', 'VERSION', 'NEXT', 'STORED (UTC)', 'BY'], rows));
    });
}

function waiting(next: boolean): string {
  return next ? '; it waits to become the current one' : '';
}

function refuseOtherNames(name: string): void {
  if (!named.test(name)) throw usage(`${name} is no name of a secret: begin with a letter; a-z 0-9 _ . - may follow`);
}
