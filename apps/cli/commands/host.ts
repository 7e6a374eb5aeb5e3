import type { Register } from '../program.js';
import { addCheck } from './host-check.js';
import { addEnrol } from './host-enrol.js';
import { addImport } from './host-import.js';
import { addHostKey } from './host-key.js';
import { addHostList } from './host-list.js';

export const registerHost: Register = (program, world) => {
  const host = program
    .command('host')
    .description('the hosts of an inventory: their keys, and whether Belay can reach them');
  addHostList(host, world);
  addEnrol(host, world);
  addImport(host, world);
  addHostKey(host, world);
  addCheck(host, world);
};
