import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { WebSocket } from 'ws';
import { coins, type Coin } from '../core/rng.ts';
import { AntiphonError } from '../core/errors.ts';
import { median, type Percentiles } from '../core/statistics.ts';
import type { DaemonState } from '../live/command.ts';
import type { Latency } from '../live/latency.ts';
import { machineLine, stolenMs } from './machine.ts';
import { load } from './soak-load.ts';
import { sleptBeside } from './sleeper.ts';
import { startDaemon } from './spawned.ts';
import { numberFrom, say } from './terminal.ts';

export interface SoakReport {
  readonly minutes: number;
  readonly readyMs: number;
  /** Resident memory in MiB: early, late, and the most. */
  readonly memory: { readonly early: number; readonly late: number; readonly most: number };
  /** Notes begun and not ended when everything had been let go. */
  readonly orphans: number;
  readonly notes: { readonly played: number; readonly answered: number };
  /** How late notes on a schedule were sent, in milliseconds. */
  readonly lateness: Latency;
  /** Of a process beside it that sleeps to as many deadlines with the stage's priority, and does nothing else. */
  readonly bareLateness: Percentiles;
  /** For how long a host kept the processors from this machine meanwhile, in milliseconds; null where that is not known. */
  readonly stolenMs: number | null;
  /** From key-down to its harmony. */
  readonly harmony: Latency;
  readonly realtime: boolean;
  readonly machine: string;
  /** What was asked of it meanwhile; the clients it let go. */
  readonly load: readonly string[];
  readonly letGo: number;
  readonly counters: DaemonState['counters'];
}

/** Late may exceed early by so many MiB before we call it growth: the heaps of five threads find their size in the first minutes. */
const GROWTH = 40;

export const soakCommand = (program: Command): void => {
  program
    .command('soak')
    .description('play to the daemon for a long time under load; fails if memory grows or a note is left sounding')
    .option('--minutes <n>', 'how long', numberFrom(0.1), 10)
    .option('--patch <name>', 'what to play with', 'duet')
    .option('--unloaded', 'with no other clients, no OSC and no page, and the main thread at rest', false)
    .option('--json', 'one JSON object on standard output', false)
    .addHelpText('after', '\nExample:\n  $ antiphon soak --minutes 60\n')
    .action(async ({ minutes, patch, unloaded, json }: { minutes: number; patch: string; unloaded: boolean; json: boolean }) => {
      const report = await soak(minutes, patch, !unloaded);
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${JSON.stringify(report, null, 1)}\n`);
      const { early, late } = report.memory;
      if (late > early + GROWTH) throw new AntiphonError('soak.memory', 'Resident memory grew, in MiB', [early, late], `By more than ${GROWTH} is too much.`);
      if (report.orphans > 0) throw new AntiphonError('soak.orphans', 'Notes were left sounding', report.orphans, 'Replay the session with `antiphon replay`.');
    });
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Resident memory of a process in MiB. */
export const residentMemory = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024;

/** Of each 50 milliseconds, how many the daemon's main thread is kept busy under load. */
const BURN = 25;

const soak = async (minutes: number, patch: string, loaded: boolean): Promise<SoakReport> => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-soak-'));
  const daemon = await startDaemon([patch, '--engine', 'wasm', '--no-midi', '--record', folder, ...(loaded ? ['--burn', String(BURN)] : [])]);
  const more = loaded ? await load(daemon.http, daemon.osc) : null;
  const over = new AbortController();
  try {
    const socket = new WebSocket(`ws://127.0.0.1:${daemon.http}/ws`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const open = new Set<number>();
    const notes = { played: 0, answered: 0 };
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; id: number; velocity: number; role?: string };
      if (message.type !== 'note' || message.role === 'player') return;
      if (message.velocity > 0) {
        open.add(message.id);
        notes.answered++;
      } else open.delete(message.id);
    });
    const send = (message: object): void => socket.send(JSON.stringify(message));
    const memory: number[] = [];
    const sampler = setInterval(() => memory.push(residentMemory(daemon.pid)), 1000);
    const stolenBefore = stolenMs();
    const until = performance.now() + minutes * 60_000;
    const bare = sleptBeside(minutes * 60, over.signal);
    // Where something else fails first, that is what is said.
    bare.catch(() => {});
    const coin = coins(11);
    let phrases = 0;
    while (performance.now() < until) {
      notes.played += await phrase(send, coin);
      await pause(coin() < 0.3 ? 300 : 2500);
      if (++phrases % 20 === 0) say(`${((until - performance.now()) / 60_000).toFixed(1)} min left, ${notes.played} notes played, ${notes.answered} answered, ${Math.round(memory[memory.length - 1] ?? 0)} MiB`);
    }
    clearInterval(sampler);
    const bareLateness = await bare;
    const letGo = more?.letGo() ?? 0;
    more?.close();
    send({ type: 'stop' });
    await pause(1500);
    const state = (await (await fetch(`http://127.0.0.1:${daemon.http}/state.json`)).json()) as DaemonState;
    socket.close();
    // The first third warms caches and the compiler up.
    const settled = memory.slice(Math.floor(memory.length / 3));
    const half = Math.floor(settled.length / 2);
    return {
      minutes,
      readyMs: Math.round(daemon.readyMs),
      memory: { early: Math.round(median(settled.slice(0, half))), late: Math.round(median(settled.slice(half))), most: Math.round(Math.max(...memory)) },
      orphans: open.size,
      notes,
      lateness: state.latency.schedule,
      bareLateness,
      stolenMs: stolenBefore === null ? null : (stolenMs() as number) - stolenBefore,
      harmony: state.latency.harmony,
      realtime: daemon.realtime,
      machine: machineLine(),
      load: more ? [...more.what, `main thread busy ${BURN} of each 50 ms`] : [],
      letGo,
      counters: state.counters,
    };
  } finally {
    over.abort();
    more?.close();
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A phrase of single notes and chords, now and then with the pedal; the number of keys struck. */
const phrase = async (send: (message: object) => void, coin: Coin): Promise<number> => {
  const notes = 4 + Math.floor(coin() * 10);
  const pedal = coin() < 0.3;
  let struck = 0;
  if (pedal) send({ type: 'control', controller: 64, value: 127 });
  for (let n = 0; n < notes; n++) {
    const keys = Array.from({ length: coin() < 0.2 ? 3 : 1 }, (_, k) => 48 + Math.floor(coin() * 24) + 4 * k);
    for (const pitch of keys) send({ type: 'note', pitch, velocity: 50 + Math.floor(coin() * 60) });
    struck += keys.length;
    await pause(60 + 180 * coin());
    for (const pitch of keys) send({ type: 'note', pitch, velocity: 0 });
  }
  if (pedal) send({ type: 'control', controller: 64, value: 0 });
  return struck;
};
