import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { jackSteps } from '../../src/cli/setup-jack.ts';
import type { Result } from './perform.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** A machine with real MIDI ports, on which `perform` runs. */
export interface Host {
  readonly name: string;
  /** The package that brings a tool or a file. */
  readonly needs: readonly (readonly [thing: string, from: string])[];
  /** The longest all of it may take, in milliseconds. */
  readonly limit: number;
  /** Runs every scenario; what each found. */
  perform(): Promise<Result[]>;
}

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Bundles `perform` beside the daemon, so that both have one place to find packages in. */
export const bundlePerform = async (): Promise<string> => {
  const outfile = at('dist/test/perform.js');
  await build({ entryPoints: [at('test/ports/perform.ts')], outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' });
  return outfile;
};

/** The results among the lines of a program's output; the rest is added to what is thrown where there are none. */
export const resultsOf = async (lines: AsyncIterable<string>): Promise<Result[]> => {
  const results: Result[] = [];
  const other: string[] = [];
  for await (const line of lines) {
    if (line.startsWith('{"name":')) results.push(JSON.parse(line) as Result);
    else other.push(line);
  }
  if (results.length === 0) throw new Error(`Nothing was performed: ${other.slice(-20).join('\n')}`);
  return results;
};

const jack: Host = {
  name: 'JACK',
  needs: [['jackd', 'jackd2'], ['jack_lsp', 'jackd2'], ['/usr/include/jack/jack.h', 'libjack-jackd2-dev'], ['g++', 'g++'], ['make', 'make']],
  limit: 240_000,
  perform: async () => {
    const server = `antiphon${process.pid}`;
    const env = { ANTIPHON_JACK: join(tmpdir(), 'antiphon-test-jack'), ANTIPHON_MIDI: 'jack', JACK_DEFAULT_SERVER: server, ANTIPHON_TEST_PATIENCE: '30000' };
    Object.assign(process.env, env);
    for (const step of jackSteps()) if (!step.done()) await step.run();
    const entry = await bundlePerform();
    const on = async (options: readonly string[], scenarios: readonly Scenario[]): Promise<Result[]> => {
      const jackd = spawn('jackd', ['-n', server, ...options], { stdio: 'ignore' });
      try {
        const player = spawn(process.execPath, [entry, 'jack', ...scenarios.map(({ name }) => name)], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
        return await resultsOf(createInterface({ input: player.stdout }));
      } finally {
        const ended = once(jackd, 'exit');
        jackd.kill();
        await ended;
      }
    };
    // In step with its clients (-S): otherwise a client that is late for a period loses what came in it, and a loaded machine makes it late.
    const alive = await on(['-r', '-S', '-d', 'dummy', '-r', '48000', '-p', '64'], SCENARIOS.filter(({ kills }) => !kills));
    // A server that keeps in step with its clients never gets over one that was killed: real-time priority, where granted, has to make up for it.
    return [...alive, ...(await on(['-R', '-d', 'dummy', '-r', '48000', '-p', '512'], SCENARIOS.filter(({ kills }) => kills)))];
  },
};

export const HOSTS: readonly Host[] = [jack];

/** What is missing here for a host, as `thing (package)`. */
export const missing = ({ needs }: Host): string[] =>
  needs.filter(([thing]) => (thing.startsWith('/') ? !existsSync(thing) : 'error' in spawnSync(thing, ['--version'], { timeout: 10_000 }))).map(([thing, from]) => `${thing} (${from})`);
