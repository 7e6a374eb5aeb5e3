import { Command, Option } from 'commander';
import { print } from './figures.js';
import { measures } from './measures.js';
import { openPlace } from './place.js';

/**
 * Measures Belay against baselines in the same run, on the same hosts: `belay bench [MEASURE…]`. Prints `name value`
 * lines; seconds unless the name says otherwise. Ratios are what counts: a machine's speed drifts, a ratio taken in
 * turn does not.
 */
const program = new Command('bench')
  .description('Measures Belay against baselines on real hosts of this machine')
  .argument('[measures...]', `which: ${Object.keys(measures).join(', ')}; without any, those that need nothing else`)
  .addOption(new Option('--rounds <n>', 'pairs that are counted').default(5).argParser(Number))
  .option('--peers', 'also compare with Ansible and pyinfra, from the package registry')
  .action(async (named: string[], options: { rounds: number; peers?: true }) => {
    const wanted = named.length > 0 ? named : Object.keys(measures).filter((name) => name !== 'peers');
    if (options.peers && !wanted.includes('peers')) wanted.push('peers');
    const unknown = wanted.find((name) => !(name in measures));
    if (unknown !== undefined) program.error(`no measure is called ${unknown}`);
    const place = await openPlace(20, wanted.includes('peers') ? ['python3'] : []);
    try {
      for (const name of wanted) await measures[name]?.(place, options.rounds, print);
    } finally {
      await place.leave();
    }
  });

await program.parseAsync();
