import { defineConfig } from 'vitest/config';

/** For what is awaited, as for time-outs: it ends what never comes. Vitest itself would wait for a second. */
const awaited = { poll: { timeout: 30_000 } };

/**
 * `unit` needs nothing but the checkout. `hosts` needs root, and real servers or hosts, with time-outs for a busy machine;
 * `belay selftest` makes it beside those that follow. `faults` kills processes in the midst of a run.
 * `runbooks` carries shipped runbooks through on the servers that they are for; it takes long. `life` has one cluster go
 * through several of them, one after the other.
 */
const oneAfterAnother = {
  // Processes are killed and hosts are lost here, on machines that do other things, too. A test that is red once and green
  // at once afterwards is shown as such (`retry x1`); one that is red twice is red.
  retry: 1,
  fileParallelism: false,
  testTimeout: 180_000,
  hookTimeout: 600_000,
  globalSetup: 'test/machine.ts',
  expect: awaited,
};

const life = 'test/runbooks/gluu-life.hosts.test.ts';
/** What the lab's Gluu servers are by themselves takes minutes, and `life` lives on them: only where everything is asked for. */
const gluuServers = process.env['BELAY_SELFTEST_ALL'] === '1' ? [] : ['test/lab/gluu.hosts.test.ts'];

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['**/*.hosts.test.ts', 'test/chaos/**'],
          globalSetup: 'test/database/files-of-servers.ts',
          // For a busy machine: a time-out is there to end what hangs, not to measure.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: awaited,
          // Many start a server of their own: what holds for real hosts above holds for them, too.
          retry: 1,
          // Vitest leaves one processor to itself; much of a test is waiting for a server of its own to start.
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...oneAfterAnother,
          name: 'hosts',
          include: ['test/**/*.hosts.test.ts'],
          exclude: ['test/chaos/**', 'test/runbooks/**', ...gluuServers],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...oneAfterAnother,
          name: 'faults',
          include: ['test/chaos/**/*.test.ts'],
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...oneAfterAnother,
          name: 'runbooks',
          include: ['test/runbooks/**/*.hosts.test.ts'],
          exclude: [life],
          setupFiles: 'test/runbooks/keep-results.ts',
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...oneAfterAnother,
          name: 'life',
          include: [life],
          setupFiles: 'test/runbooks/keep-results.ts',
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
