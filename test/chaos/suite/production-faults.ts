import { kill, stayAway } from './process-faults.js';
import type { Fault } from './scene.js';

/** The layout of production: Temporal's server for it, with its state in the Postgres that Belay's records are in, too. */
const onPostgres: readonly Omit<Fault, 'group'>[] = [
  {
    name: 'Postgres, under Belay and Temporal alike, stopped immediately, and away',
    strike: async (scene) => {
      await scene.begun('do', 'second');
      return stayAway(scene, 'postgres', 'SIGQUIT');
    },
  },
  {
    name: 'Temporal on Postgres killed as second begins',
    strike: async (scene) => {
      await scene.event('step-started', 'second');
      return kill(scene, 'temporal');
    },
  },
  {
    name: 'Temporal on Postgres away',
    strike: async (scene) => {
      await scene.begun('do', 'second');
      return stayAway(scene, 'temporal', 'SIGKILL', 5 * scene.away);
    },
  },
  {
    name: 'Postgres, under Belay and Temporal alike, killed in mid-undo',
    goal: 'undone',
    strike: async (scene) => {
      await scene.begun('undo', 'second');
      return kill(scene, 'postgres');
    },
  },
];

export const production: readonly Fault[] = onPostgres.map((fault) => ({
  ...fault,
  group: 'production layout',
  layout: 'production',
}));
