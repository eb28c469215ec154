import { beforeAll, describe, expect, it } from 'vitest';
import { missing, type Host } from './hosts.ts';
import type { Result } from './perform.ts';
import { scenariosOver } from './scenarios.ts';

/** Tests that the daemon does on real ports what each scenario is to show. */
export const shownOn = (host: Host): void => {
  const lacking = missing(host);
  // Where the run must be complete, what is missing fails these tests instead of skipping them.
  const skipped = lacking !== null && process.env['CI'] === undefined;

  describe.skipIf(skipped)(`the daemon on real ports, over ${host.name}${skipped ? ` (skipped: ${lacking} is missing)` : ''}`, () => {
    let results: Result[] = [];
    beforeAll(async () => {
      expect(lacking).toBe(null);
      results = await host.perform();
    }, host.limit);

    it.each(scenariosOver(host.system))('$name', ({ name, shows }) => {
      expect(results.find((each) => each.name === name)?.facts).toMatchObject(shows);
    });
  });
};
