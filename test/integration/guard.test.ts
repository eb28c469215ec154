import { fork, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DaemonState } from '../../src/live/command.ts';
import { Client, guardOf, Heard, pause, stageFolder, startDaemon, type Running, type StartOptions } from './daemon.ts';

const skip = process.platform === 'win32' || spawnSync('mkfifo', ['--help']).error !== undefined;

interface OscNote {
  readonly pitch: number;
  readonly velocity: number;
  readonly id: number;
  readonly at: number;
}

/** A synth that plays what comes by OSC, and nothing else. */
class OscSynth {
  readonly notes = new Heard<OscNote>();
  private readonly socket: Socket = createSocket('udp4');

  async open(): Promise<number> {
    this.socket.on('message', (bytes) => {
      if (!bytes.toString('latin1').startsWith('/antiphon/out/note\0')) return;
      const from = bytes.indexOf(',iiisid') + 8;
      const role = bytes.indexOf(0, from + 12);
      this.notes.add({ pitch: bytes.readInt32BE(from), velocity: bytes.readInt32BE(from + 4), id: bytes.readInt32BE((role + 4) & ~3), at: performance.now() });
    });
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    return this.socket.address().port;
  }

  get sounding(): number {
    const open = new Set<number>();
    for (const { id, velocity } of this.notes.all) open[velocity > 0 ? 'add' : 'delete'](id);
    return open.size;
  }

  /** Resolves when nothing sounds; the time. */
  async silent(): Promise<number> {
    if (this.sounding > 0) await this.notes.first(() => this.sounding === 0, this.notes.all.length);
    return performance.now();
  }

  close(): void {
    this.socket.close();
  }
}

const counters = async ({ http }: Running): Promise<DaemonState['counters']> => ((await (await fetch(`http://127.0.0.1:${http}/state.json`)).json()) as DaemonState).counters;

describe.skipIf(skip)(`the guard${skip ? ' (skipped: no mkfifo here)' : ''}`, () => {
  let synth: OscSynth;
  let daemon: Running;
  let client: Client;
  const start = async (words: readonly string[] = [], options: StartOptions = {}): Promise<void> => {
    synth = new OscSynth();
    daemon = await startDaemon(['harmony', ...words], { oscOut: await synth.open(), ...options });
    client = await Client.open(daemon.http);
  };
  /** A chord of three keys that are held, and what is laid under it: on a machine with no time to spare not all of it. The notes that sound. */
  const chord = async (): Promise<number> => {
    for (const key of [72, 76, 79]) await client.play(key, 80);
    if (synth.sounding === 0) await synth.notes.first(() => synth.sounding > 0, synth.notes.all.length);
    await pause(100);
    return synth.sounding;
  };
  afterEach(async () => {
    client.close();
    await daemon.discard();
    synth.close();
  });

  it('ends a chord when the daemon is killed', async () => {
    await start();
    const notes = await chord();
    const killed = performance.now();
    daemon.child.kill('SIGKILL');
    // Sooner than it would by missing signs of life.
    expect((await synth.silent()) - killed).toBeLessThan(1500);
    await pause(300);
    expect(daemon.printed()).toContain(`its guard ended ${notes} note`);
  });

  it('ends a chord when the daemon hangs, and knows what sounds when it goes on', async () => {
    await start(['--guard', '1']);
    await chord();
    daemon.child.kill('SIGSTOP');
    await synth.silent();
    daemon.child.kill('SIGCONT');
    await expect.poll(async () => (await counters(daemon))['guardRescues']).toBe(1);
    expect(daemon.printed()).toContain('[guard.hung]');
    for (const key of [72, 76, 79]) await client.play(key, 0);
    await chord();
    daemon.child.kill('SIGKILL');
    await synth.silent();
  });

  it('is started again when it is lost, and knows what sounds', async () => {
    await start();
    const notes = await chord();
    const first = guardOf(daemon.child.pid as number);
    process.kill(first, 'SIGKILL');
    await expect.poll(async () => {
      const { guardRestarts, guardDestinations } = await counters(daemon);
      return [guardRestarts, guardDestinations];
    }, { timeout: 10_000 }).toEqual([1, 1]);
    expect(daemon.printed().match(/\[guard\.back\]/g)).toHaveLength(1);
    expect(synth.sounding).toBe(notes);
    await pause(500);
    daemon.child.kill('SIGKILL');
    await synth.silent();
  });

  it('goes with the daemon in good order, without a word', async () => {
    await start();
    await chord();
    const guard = guardOf(daemon.child.pid as number);
    await daemon.stop();
    await synth.silent();
    await expect.poll(() => isGone(guard)).toBe(true);
    expect(daemon.printed()).not.toContain('its guard');
  });

  it('outlives the signals that a terminal sends to all', async () => {
    await start();
    await chord();
    const guard = guardOf(daemon.child.pid as number);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(guard, signal);
    await pause(100);
    daemon.child.kill('SIGKILL');
    await synth.silent();
  });

  describe('when things go wrong within', () => {
    const faults = fileURLToPath(new URL('../fixtures/faults.mjs', import.meta.url));
    let order: string;
    let notes: number;
    beforeEach(async () => {
      const folder = stageFolder();
      order = join(folder, 'fault');
      await start(['--guard', '1'], { folder, flags: ['--max-old-space-size=160', '--import', faults], env: { ANTIPHON_FAULT: order } });
      notes = await chord();
    });

    it('ends a chord when the daemon runs out of memory', async () => {
      const exited = once(daemon.child, 'exit');
      writeFileSync(order, 'main memory');
      await exited;
      expect(daemon.printed()).toContain('out of memory');
      await synth.silent();
    });

    it.each(['memory', 'hang'])('ends a chord when the stage alone has this fault: %s', async (fault) => {
      writeFileSync(order, `stage ${fault}`);
      await synth.silent();
      await expect.poll(() => daemon.printed(), { timeout: 10_000 }).toMatch(fault === 'hang' ? '[guard.hung]' : '[guard.gone]');
      // Without a stage it ends, and says that it did not end well; whoever started it may start it again.
      if (fault === 'memory') await expect.poll(() => daemon.child.exitCode, { timeout: 10_000 }).toBe(1);
    });

    it('does not mind a main thread that is busy', async () => {
      writeFileSync(order, 'main busy');
      await pause(3000);
      expect(synth.sounding).toBe(notes);
    });
  });
});

const isGone = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
};

it.skipIf(process.platform !== 'linux')('a guard keeps no socket that came from the daemon, whose other end would take a killed daemon to be alive', async () => {
  const guard = fork(fileURLToPath(new URL('../../dist/cli/guard-process.js', import.meta.url)), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'] });
  const other = guard.stdio[4] as Readable;
  await once(other.resume(), 'end');
  expect(guard.exitCode).toBeNull();
  guard.disconnect();
  expect(await once(guard, 'exit')).toEqual([0, null]);
});
