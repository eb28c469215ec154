import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', 'test/soak/**'],
    environment: 'node',
    reporters: ['default'],
    // Native parts (ports, TensorFlow) and shared memory want a process of their own.
    pool: 'forks',
    // Generous: a loaded machine is slow, and no test waits for a clock.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
