import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import type { Comparison } from './allowance.js';
import { LabError } from './error.js';
import { findLab, labCheckpoints, labDown, labForget, labRestore, labSave, labUp, type Lab } from './lab.js';
import { machineObstacle } from './machine.js';
import { programPath } from './program.js';
import { roomFile } from './places.js';
import { becomeUsual, noLongerUsual } from './usual-inventory.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const program = new Command('lab')
  .description('Real hosts on this machine, to practise and test on')
  .option('--name <name>', 'which lab; several can stand side by side', 'lab')
  .hook('preAction', refuseElsewhere);

program
  .command('up [description]')
  .description('make the lab, or start what of it does not run; gluu, gluu-pair, pair and demo are at hand')
  .option('--description <file>', 'what it consists of, in a file of its own')
  .option('--folder <folder>', 'where it keeps its files')
  .action(async (known: string | undefined, options: { description?: string; folder?: string }) => {
    const description = options.description ?? roomFile(`descriptions/${known ?? 'demo'}.yaml`);
    await made(await labUp({ name: labName(), ...options, description }), options.folder);
  });

program
  .command('down')
  .description('remove all that the lab has made, also what a killed `up` has left')
  .action(async () => {
    const lab = await findLab(labName());
    print((await labDown(labName())) ? `lab ${labName()} is gone` : `there is no lab ${labName()}`);
    if (lab) await noLongerUsual(lab.inventoryFile);
  });

program
  .command('status')
  .description('show hosts, addresses and files of the lab')
  .option('--json', 'for programs')
  .action(async (options: { json?: true }) => (options.json ? statusJson : status)(await theLab()));

program
  .command('shell <host>')
  .description('open a shell on a host, as root and not over SSH')
  .action(async (host: string) => {
    process.exitCode = await interactive([
      ...(await (await theLab()).enter(host)),
      `TERM=${process.env.TERM ?? 'dumb'}`,
      'bash',
      '-l',
    ]);
  });

program
  .command('mark <mark>')
  .description('remember what the hosts are like now: files, processes, listening ports')
  .action(async (mark: string) => (await theLab()).mark(mark));

program
  .command('diff <mark>')
  .description('show what is otherwise than at the mark; ends with 1 where something is')
  .option('--strict-patterns', 'an allowed difference that does not occur is an error too')
  .action(async (mark: string, options: { strictPatterns?: true }) => {
    const comparison = await (await theLab()).diff(mark);
    process.exitCode = report(comparison, options.strictPatterns === true);
  });

program
  .command('power-cut <host>')
  .description('end every process of a host at once, without a word to its peers')
  .action(async (host: string) => (await theLab()).powerCut(host));

program
  .command('power-on <host>')
  .description('start a host again over the same files, with a new boot id')
  .action(async (host: string) => (await theLab()).powerOn(host));

program
  .command('save <checkpoint>')
  .description('keep the lab under a name, to make it again from there; its hosts are shut down and started again')
  .option('--with <file...>', 'files and folders to keep with it, such as secrets; a restored lab has copies in with/')
  .action(async (checkpoint: string, options: { with?: string[] }) => {
    await labSave(labName(), { checkpoint, ...options });
    print(`saved as ${checkpoint}; \`belay lab restore ${checkpoint}\` makes the lab from it where none stands`);
  });

program
  .command('restore <checkpoint>')
  .description('make the lab from a checkpoint: the same addresses, keys and files, services as after a restart')
  .option('--folder <folder>', 'where it keeps its files')
  .action(async (checkpoint: string, options: { folder?: string }) =>
    made(await labRestore({ name: labName(), checkpoint, ...options }), options.folder),
  );

program
  .command('checkpoints')
  .description('show what labs can be made from')
  .action(async () => {
    for (const { name, saved, record } of await labCheckpoints())
      print(`${name.padEnd(24)} ${saved}  ${record.hosts.map((host) => host.name).join(' ')}`);
  });

program
  .command('forget <checkpoint>')
  .description('remove a checkpoint; labs made from it stay')
  .action(async (checkpoint: string) =>
    print((await labForget(checkpoint)) ? `${checkpoint} is gone` : `there is no checkpoint ${checkpoint}`),
  );

function labName(): string {
  return program.opts<{ name: string }>().name;
}

async function theLab(): Promise<Lab> {
  const lab = await findLab(labName());
  if (lab) return lab;
  throw new LabError(`there is no lab ${labName()}: \`belay lab up --name ${labName()}\` makes it`);
}

/** A lab that lies elsewhere belongs to whoever put it there, such as the demonstration. */
async function made(lab: Lab, elsewhere: string | undefined): Promise<void> {
  await status(lab);
  if (elsewhere === undefined && (await becomeUsual(lab.inventoryFile)))
    print('it is the inventory of runs that are given none');
}

async function status(lab: Lab): Promise<void> {
  print(`lab ${lab.name} in ${lab.folder}`);
  for (const host of lab.hosts)
    print(
      `  ${host.name.padEnd(12)} ${host.address.padEnd(15)} ${(await lab.isOn(host.name)) ? 'on ' : 'off'}  ${host.fqdn}`,
    );
  if (lab.directory)
    print(`directory: ${lab.directory.url}, ${lab.directory.manager}, password in ${lab.directory.passwordFile}`);
  print(`inventory: ${lab.inventoryFile}`);
  print(`key of root: ${lab.keyFile}`);
}

async function statusJson(lab: Lab): Promise<void> {
  const { name, folder, inventoryFile: inventory, keyFile: key, directory } = lab;
  const hosts = await Promise.all(
    lab.hosts.map(async (host) => ({
      name: host.name,
      address: host.address,
      fqdn: host.fqdn,
      on: await lab.isOn(host.name),
    })),
  );
  print(JSON.stringify({ name, folder, inventory, key, hosts, ...(directory && { directory }) }));
}

function report(comparison: Comparison, strict: boolean): number {
  for (const { host, change, kind, subject, detail, lines } of comparison.differences) {
    print(`${host}: ${kind} ${change}: ${subject}${detail && ` (${detail})`}`);
    for (const line of lines ?? []) print(`    ${line}`);
  }
  for (const { allowance, matches } of comparison.allowed)
    print(`allowed ${matches} ×: ${allowance.kind} ${allowance.change}: ${allowance.pattern} - ${allowance.reason}`);
  if (strict)
    for (const unused of comparison.unused)
      print(`allowed, but does not occur: ${unused.kind} ${unused.change}: ${unused.pattern}`);
  print(`${comparison.differences.length} differences that are not allowed`);
  return comparison.differences.length > 0 || (strict && comparison.unused.length > 0) ? 1 : 0;
}

async function interactive(argv: readonly string[]): Promise<number> {
  const [command = '', ...rest] = argv;
  const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, PATH: programPath } });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 128;
}

function refuseElsewhere(): void {
  const obstacle = machineObstacle();
  if (obstacle) throw new LabError(obstacle);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`lab: ${error.message}\n`);
  process.exitCode = 1;
}
