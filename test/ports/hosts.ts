import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { jackSteps } from '../../src/cli/setup-jack.ts';
import { jackServers } from '../../src/midi/jack-registry.ts';
import { buildGuest, guestWords } from './guest.ts';
import { JackServer, sweepJackServers } from './jack-server.ts';
import { kernelHere, type Kernel } from './kernel.ts';
import type { Result, ServerRequest } from './perform.ts';
import type { Scenario } from './playing.ts';
import { scenariosOver } from './scenarios.ts';
import { waitsOf } from './waits.ts';

/** A part that a host is made of: what it is, the package that brings it, and whether it is here. */
interface Part {
  readonly what: string;
  readonly from: string;
  readonly found: () => boolean;
}

const program = (name: string, from: string): Part => ({ what: name, from, found: () => !('error' in spawnSync(name, ['--help'], { timeout: 10_000 })) });
const file = (path: string, from: string): Part => ({ what: path, from, found: () => existsSync(path) });

/** A machine with real MIDI ports, on which `perform` runs. */
export interface Host {
  readonly name: string;
  readonly system: 'jack' | 'alsa';
  readonly parts: readonly Part[];
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

/** The results among the lines of a program's output; the rest is told where there are none. */
export const resultsOf = async (lines: AsyncIterable<string>): Promise<Result[]> => {
  const results: Result[] = [];
  const other: string[] = [];
  for await (const line of lines) {
    if (line.startsWith('{"name":')) results.push(JSON.parse(line) as Result);
    else other.push(line);
  }
  if (results.length === 0) process.stderr.write(`Nothing was performed: ${other.slice(-20).join('\n')}\n`);
  return results;
};

/** A player with no result for so long, in milliseconds, is blocked by a server that stands still: patience with a message ends before. */
const STANDS_STILL = 75_000;

/** JACK's own server, on a device that makes no sound. */
export const jack: Host = {
  name: 'JACK',
  system: 'jack',
  parts: [program('jackd', 'jackd2'), program('jack_lsp', 'jackd2'), file('/usr/include/jack/jack.h', 'libjack-jackd2-dev'), program('g++', 'g++'), program('make', 'make')],
  limit: 540_000,
  perform: async () => {
    await sweepJackServers();
    const env = { ANTIPHON_JACK: join(tmpdir(), 'antiphon-test-jack'), ANTIPHON_MIDI: 'jack', ANTIPHON_TEST_PATIENCE: '40000' };
    Object.assign(process.env, env);
    for (const step of jackSteps()) if (!step.done()) await step.run();
    const entry = await bundlePerform();
    const on = async (options: readonly string[], scenarios: readonly Scenario[]): Promise<Result[]> => {
      const server = new JackServer(options);
      try {
        await server.begin();
        const player = spawn(process.execPath, [entry, 'jack', ...scenarios.map(({ name }) => name)], { env: { ...process.env, ...env, JACK_DEFAULT_SERVER: server.name }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true });
        // With its daemon, which would otherwise outlive it.
        const watchdog = setTimeout(() => {
          process.stderr.write(waitsOf([...jackServers().map(({ pid }) => pid), player.pid as number]));
          process.kill(-(player.pid as number), 'SIGKILL');
        }, STANDS_STILL);
        player.stdout?.on('data', () => watchdog.refresh());
        player.on('exit', () => clearTimeout(watchdog));
        player.on('message', ({ signal }: ServerRequest) => {
          void (signal ? server.signal(signal) : server.begin()).then(() => player.send({ done: true }));
        });
        return await resultsOf(createInterface({ input: player.stdout as Readable }));
      } finally {
        await server.close();
      }
    };
    // A server that stands still fails whatever is performed on it: that is performed once more, on a new one, and said to be.
    const onOnceMore = async (options: readonly string[], scenarios: readonly Scenario[]): Promise<Result[]> => {
      const done = (await on(options, scenarios)).filter(({ facts }) => facts['serverStandsStill'] !== true);
      const left = scenarios.filter(({ name }) => !done.some((each) => each.name === name));
      if (left.length === 0) return done;
      process.stderr.write(`JACK stood still. Once more, on a new server: ${left.map(({ name }) => name).join('; ')}\n`);
      return [...done, ...(await on(options, left))];
    };
    const scenarios = scenariosOver('jack');
    // In step with its clients (-S), with a long period, and with real-time priority where that is granted: a client that is late for a period
    // loses what came in it, and on a loaded machine they are late. But a server in step never gets over a client that was killed.
    return [...(await onOnceMore(['-S'], scenarios.filter(({ kills }) => !kills))), ...(await onOnceMore([], scenarios.filter(({ kills }) => kills)))];
  },
};

/** Debian's kernel in an emulated processor, for its sequencer: the MIDI package as it ships, where there is no sound hardware. Slow. */
export const guest: Host = {
  name: 'ALSA, in a guest',
  system: 'alsa',
  parts: [
    { what: 'an x86-64 Linux', from: 'this host', found: () => process.platform === 'linux' && process.arch === 'x64' },
    program('qemu-system-x86_64', 'qemu-system-x86'),
    program('busybox', 'busybox-static'),
    program('cpio', 'cpio'),
    program('aconnect', 'alsa-utils'),
    file('/usr/share/alsa', 'libasound2-data'),
    { what: 'a kernel', from: 'linux-image-amd64, by apt-get download', found: () => kernelHere() !== undefined },
  ],
  limit: 1_500_000,
  perform: async () => {
    await bundlePerform();
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-guest-'));
    try {
      const kernel = kernelHere() as Kernel;
      const qemu = spawn('qemu-system-x86_64', guestWords(kernel, buildGuest(folder, kernel)), { stdio: ['ignore', 'pipe', 'inherit'] });
      return await resultsOf(createInterface({ input: qemu.stdout }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** What is missing here for a host, as `thing (package)`; looked for in order, up to the first that is. */
export const missing = ({ parts }: Host): string | null => {
  const lacking = parts.find(({ found }) => !found());
  return lacking ? `${lacking.what} (${lacking.from})` : null;
};
