import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that start daemons, browsers and sound systems. */
const CLOCKED = ['test/integration/**/*.test.ts', 'test/ports/jack.test.ts', 'test/web/page.test.ts', 'test/net/**/*.test.ts'];
/** A machine of its own, with patience for a slow processor: it takes minutes, much of them waiting, and begins first beside the others. */
const GUEST = 'test/ports/guest.test.ts';

class GuestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(({ moduleId }) => moduleId.endsWith(GUEST)), ...sorted.filter(({ moduleId }) => !moduleId.endsWith(GUEST))];
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    environment: 'node',
    reporters: ['default'],
    sequence: { sequencer: GuestFirst },
    // Native parts (ports, TensorFlow) and shared memory want a process of their own.
    pool: 'forks',
    // Generous: a loaded machine is slow, and no test waits for a clock.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // First what keeps no time, on every processor; then what plays on this machine's clock, each alone.
    projects: [
      { extends: true, test: { name: 'pure', include: ['test/**/*.test.ts'], exclude: CLOCKED, maxWorkers: availableParallelism() + 1, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'clocked', include: CLOCKED, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
