import type { Description } from '../../lab/description.js';

/** Two plain hosts. */
export const twoNodes: Description = {
  about: 'Two plain hosts',
  hosts: { node1: {}, node2: {} },
  groups: { nodes: ['node1', 'node2'] },
};
