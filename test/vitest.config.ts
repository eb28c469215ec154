import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import LongestFirst from './longest-first.ts';

/** Tests that start daemons, browsers and sound systems. */
const CLOCKED = ['test/integration/**/*.test.ts', 'test/ports/**/*.test.ts', 'test/web/page.test.ts', 'test/net/**/*.test.ts'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    environment: 'node',
    reporters: ['default'],
    // Native parts (ports, TensorFlow) and shared memory want a process of their own.
    pool: 'forks',
    // Generous: a loaded machine is slow, and no test waits for a clock.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    sequence: { sequencer: LongestFirst },
    // First what keeps no time, on every processor; then what plays on this machine's clock, each alone.
    projects: [
      { extends: true, test: { name: 'pure', include: ['test/**/*.test.ts'], exclude: CLOCKED, maxWorkers: '100%', sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'clocked', include: CLOCKED, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
