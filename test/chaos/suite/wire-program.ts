import { startWire, type Strike } from './wire.js';

/** A wire within a host's network: it hears what to do by message, and tells when a strike has hit. */
const [port, to] = process.argv.slice(2).map(Number);
const wire = await startWire({ host: '127.0.0.1', port: to! }, { host: '0.0.0.0', port: port! });
process.on('message', (word: Strike | 'heal') => (word === 'heal' ? wire.heal() : wire.strike(word)));
process.on('disconnect', () => process.exit());
setInterval(() => process.send?.(wire.struck()), 20);
process.send?.(0);
