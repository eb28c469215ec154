import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { excess, type Excess } from '../core/excess.ts';
import { coins } from '../core/rng.ts';
import { percentiles, type Percentiles } from '../core/statistics.ts';
import { VIRTUAL } from '../midi/ports.ts';
import { IN, OUT } from '../stage/records.ts';
import { takeBacks } from './bench-take-back.ts';
import { TRANSPORTS, type Places, type Transport } from './bench-transports.ts';
import { machineLine } from './machine.ts';
import { loadPatch } from './patches.ts';
import { REFLECTOR } from './reflector.ts';
import { sleptBeside } from './sleeper.ts';
import { endWithUs, freePort, startDaemon } from './spawned.ts';
import { pause, stateOf, steer, steering } from './steer.ts';
import { say } from './terminal.ts';

export interface LatencyReport {
  readonly machine: string;
  readonly engine: string;
  readonly stepMs: number;
  readonly realtime: boolean;
  /** Whether processors were kept from sleeping. */
  readonly awake: boolean;
  readonly transports: readonly {
    readonly transport: string;
    readonly chords: readonly { readonly keys: number; readonly echo: Percentiles; readonly harmony: Percentiles; readonly over: Excess }[];
    readonly phrase: { readonly toFirst: Percentiles; readonly late: Percentiles };
    /** From the key that takes the turn back to the last note-off of the answer, beside what the transport itself takes. */
    readonly takeBack: { readonly echo: Percentiles; readonly toLast: Percentiles; readonly over: Excess };
  }[];
  /** From the daemon's own log: stages of a harmony note. */
  readonly stages: Readonly<Record<string, Percentiles>>;
  readonly lateness: Percentiles;
  /** Beside it, in a process that sleeps to as many deadlines with the stage's priority, and does nothing else. */
  readonly bareLateness: Percentiles;
  readonly notes: number;
  readonly fromModel: number;
  readonly moved: number;
  readonly dropped: number;
  readonly fallback: number;
  readonly absent: readonly string[];
}

interface Settings {
  readonly strikes: number;
  readonly phrases: number;
  readonly seconds: number;
  readonly takeBacks: number;
  readonly engine: string;
  readonly awake: boolean;
}

const CHORDS = [1, 2, 4, 6];
const WHITE = [60, 64, 67, 71, 74, 77];

/** Runs the daemon in a process of its own and plays to it from this one. */
export const benchLatency = async (settings: Settings): Promise<LatencyReport> => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-bench-'));
  const back = await freePort();
  const reflectorBack = await freePort();
  const daemon = await startDaemon(['harmony', '--engine', settings.engine, '--osc-out', `127.0.0.1:${back}`, '--record', folder, ...(settings.awake ? ['--awake'] : [])]);
  const reflector = endWithUs(spawn(process.execPath, [process.argv[1] as string, 'bench', 'reflector', String(reflectorBack)], { stdio: ['ignore', 'pipe', 'inherit'] }));
  try {
    const bare = await portsOf(reflector);
    let patch = loadPatch('harmony');
    const roleOf = (channel: number): string => patch.roles.find((role) => role.channel === channel)?.kind ?? 'echo';
    const places: Places = { osc: { port: daemon.osc, back }, ws: daemon.http, midi: { to: VIRTUAL.input, from: VIRTUAL.output, roleOf } };
    const echoes: Places = { osc: { port: bare.osc, back: reflectorBack }, ws: bare.ws, midi: { to: REFLECTOR.input, from: REFLECTOR.output, roleOf: () => 'echo' } };
    const play = async (name: string, ...messages: readonly object[]): Promise<void> => {
      await steer(daemon.http, { type: 'patch', name }, ...messages);
      patch = loadPatch(name);
    };
    const oneVoice = { type: 'param', name: 'voices', value: 1 };
    await steer(daemon.http, oneVoice);
    const transports: LatencyReport['transports'][number][] = [];
    const absent: string[] = [];
    for (const [i, open] of TRANSPORTS.entries()) {
      const played = await open(places);
      if (!played) {
        absent.push(`transport ${['osc', 'websocket', 'midi'][i]}: not on this machine`);
        continue;
      }
      const echo = await open(echoes);
      const chords = [];
      for (const keys of CHORDS) {
        say(`${played.name}: ${keys} ${keys === 1 ? 'key' : 'keys'}`);
        // Turn by turn, so that both see the same load.
        const [echoed, harmony] = await strikes(echo, played, keys, settings.strikes);
        chords.push({ keys, ...beside(harmony, echoed), harmony: percentiles(harmony.flat()) });
      }
      say(`${played.name}: phrases`);
      await play('duet', { type: 'param', name: 'silence', value: 200 });
      const phrase = await phrases(played, settings.phrases, await clockOf(daemon.http));
      say(`${played.name}: answers taken back`);
      // Of its notes only those of the answer are to be heard.
      await steer(daemon.http, { type: 'param', name: 'voices', value: 0 });
      const [turnEchoed, toLast] = await takeBacks(echo, played, settings.takeBacks, () => steer(daemon.http, { type: 'stop' }, { type: 'play' }));
      const takeBack = { ...beside(singly(toLast), singly(turnEchoed)), toLast: percentiles(toLast) };
      await play('harmony', oneVoice);
      played.close();
      echo?.close();
      transports.push({ transport: played.name, chords, phrase, takeBack });
    }
    say('notes on a schedule');
    const [bareLateness] = await Promise.all([sleptBeside(settings.seconds), scheduled(daemon.http, settings.seconds)]);
    const state = await stateOf(daemon.http);
    await daemon.stop();
    const { stages, lateness } = fromLog(folder);
    const { harmonies, answers, fallback, moved, dropped } = state.counters as Record<string, number>;
    return {
      machine: machineLine(),
      engine: state.engine,
      stepMs: state.stepMs,
      realtime: daemon.realtime,
      awake: settings.awake && daemon.awake,
      transports,
      stages,
      lateness,
      bareLateness,
      notes: (harmonies as number) + (answers as number),
      fromModel: 1 - (fallback as number) / Math.max(1, (harmonies as number) + (answers as number)),
      moved: moved as number,
      dropped: dropped as number,
      fallback: fallback as number,
      absent,
    };
  } finally {
    reflector.kill();
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What the transport takes, and what the daemon adds to it. */
const beside = (whole: number[][], echoed: number[][]): { echo: Percentiles; over: Excess } => ({ echo: percentiles(echoed.flat()), over: excess(whole, echoed) });

const singly = (times: readonly number[]): number[][] => times.map((time) => [time]);

const portsOf = async (child: ChildProcess): Promise<{ osc: number; ws: number }> => {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) return JSON.parse(line) as { osc: number; ws: number };
  throw new Error('the reflector ended before it said its ports');
};

/** What to add to this process's clock to have the daemon's. */
const clockOf = async (port: number): Promise<number> => {
  let best = { trip: Infinity, offset: 0 };
  for (let i = 0; i < 10; i++) {
    const sent = performance.now();
    const { now } = await stateOf(port);
    const trip = performance.now() - sent;
    if (trip < best.trip) best = { trip, offset: now - (sent + trip / 2) };
  }
  return best.offset;
};

/** For each chord struck, milliseconds from each key-down to what came back for it: of the reflector and of the daemon, in turn. */
const strikes = async (echo: Transport | null, played: Transport, keys: number, count: number): Promise<[number[][], number[][]]> => {
  const coin = coins(keys);
  const results: [number[][], number[][]] = [[], []];
  for (let i = 0; i < count; i++) {
    for (const [which, transport] of [echo, played].entries()) {
      if (!transport) continue;
      const sent: number[] = [];
      const back: number[] = [];
      transport.heard((_pitch, role, _wanted, velocity) => velocity > 0 && role !== 'respond' && back.push(performance.now()));
      for (const pitch of WHITE.slice(0, keys)) {
        sent.push(performance.now());
        transport.strike(pitch, 80);
      }
      await pause(20 + 20 * coin());
      results[which]?.push(back.slice(0, keys).map((time, n) => time - (sent[n] as number)));
      for (const pitch of WHITE.slice(0, keys)) transport.strike(pitch, 0);
      await pause(4 + 10 * coin());
    }
  }
  return results;
};

/** Plays short phrases and waits for each answer's first note. */
const phrases = async (transport: Transport, count: number, offset: number): Promise<{ toFirst: Percentiles; late: Percentiles }> => {
  const toFirst: number[] = [];
  const late: number[] = [];
  const coin = coins(99);
  for (let i = 0; i < count; i++) {
    let end = 0;
    const first = new Promise<void>((resolve) => {
      transport.heard((_pitch, role, wanted, velocity) => {
        if (role !== 'respond' || velocity === 0 || end === 0) return;
        toFirst.push(performance.now() - end);
        if (Number.isFinite(wanted)) late.push(performance.now() + offset - wanted);
        transport.heard(() => {});
        resolve();
      });
    });
    for (let n = 0; n < 6; n++) {
      const pitch = 60 + Math.floor(coin() * 12);
      transport.strike(pitch, 70);
      await pause(60 + 30 * coin());
      transport.strike(pitch, 0);
      await pause(20);
    }
    end = performance.now();
    await Promise.race([first, pause(4000)]);
    transport.strike(48, 60);
    transport.strike(48, 0);
    await pause(30);
  }
  return { toFirst: percentiles(toFirst), late: percentiles(late) };
};

/** Sixteen clients, two of which read nothing, while the daemon plays on and a player plays now and then. */
const scheduled = async (port: number, seconds: number): Promise<void> => {
  const { send: command, close } = await steering(port);
  const clients = Array.from({ length: 16 }, () => new WebSocket(`ws://127.0.0.1:${port}/ws`));
  await Promise.all(clients.map((client) => new Promise((resolve, reject) => client.once('open', resolve).once('error', reject))));
  for (const client of clients.slice(0, 2)) client.pause();
  command({ type: 'patch', name: 'continuo' });
  const coin = coins(5);
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const pitch = 60 + Math.floor(coin() * 20);
    command({ type: 'note', pitch, velocity: 60 + Math.floor(coin() * 40) });
    await pause(80 + 250 * coin());
    command({ type: 'note', pitch, velocity: 0 });
    await pause(30);
  }
  command({ type: 'stop' });
  await pause(100);
  close();
  for (const client of clients) client.terminate();
};

/** The stages of a harmony note, and the lateness of scheduled notes, from the daemon's log. */
const fromLog = (folder: string): { stages: Record<string, Percentiles>; lateness: Percentiles } => {
  const session = join(folder, readdirSync(folder)[0] as string, 'session.jsonl');
  const times: Record<string, number[]> = { 'in: arrival to stage': [], 'session and model: stage to completion': [], 'ledger and out: completion to sent': [] };
  const late: number[] = [];
  let asked: { pitch: number; at: number }[] = [];
  let completed = NaN;
  for (const line of readFileSync(session, 'utf8').trim().split('\n').slice(1)) {
    const [code, a, b, c, d, , f, now] = JSON.parse(line) as [number, number, number, number, number, number, number, number];
    if (code === IN.midi && (a & 0xf0) === 0x90 && c > 0) {
      times['in: arrival to stage']?.push(now - d);
      asked.push({ pitch: b, at: now });
    } else if (code === IN.midi) asked = asked.filter(({ pitch }) => pitch !== b);
    else if (code === IN.harmony) {
      const since = asked.shift()?.at;
      completed = now;
      if (since !== undefined) times['session and model: stage to completion']?.push(now - since);
    } else if (code === OUT.sounded && b === 3) {
      if (completed <= now) times['ledger and out: completion to sent']?.push(now - completed);
    } else if (code === OUT.sounded) late.push(now - f);
    else if (code === IN.patch) asked = [];
  }
  return { stages: Object.fromEntries(Object.entries(times).map(([name, values]) => [name, percentiles(values)])), lateness: percentiles(late) };
};
