import { ringMemory } from '../core/ring.ts';
import { foresightMemory } from '../live/foresight.ts';
import type { Patch } from '../live/patch.ts';
import { COUNTERS } from '../live/role.ts';
import { LATENCY_GAUGES } from './latency-gauges.ts';

/** Shared memory between the threads: a ring for each direction, a bell for each that sleeps. */
export interface Memory {
  /** MIDI and OSC → stage. */
  readonly input: SharedArrayBuffer;
  /** Page, WebSocket and command line → stage. */
  readonly main: SharedArrayBuffer;
  readonly asks: SharedArrayBuffer;
  readonly completions: SharedArrayBuffer;
  /** What models would answer to keys that are not struck yet, for the stage to look up. */
  readonly foresight: SharedArrayBuffer;
  /** Stage → main: all that went in and came out, for log, clients and recording. */
  readonly told: SharedArrayBuffer;
  readonly stageBell: SharedArrayBuffer;
  readonly modelBell: SharedArrayBuffer;
  readonly mainBell: SharedArrayBuffer;
  /** What main says of itself, a word for each of `MAIN`. */
  readonly ofMain: SharedArrayBuffer;
  readonly gauges: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
}

/** Figures that the stage writes and main reads, by name; one double each. */
export const GAUGES = [
  ...COUNTERS,
  'bpm', 'sounding', 'ringDrops', 'outputs', 'outputsReattached',
  'guardFull', 'midiLosses',
] as const;
export type Gauge = (typeof GAUGES)[number];

/** How many WebSocket clients wait for what is told, and whether main is so busy that the processor is to be left to it. */
export const MAIN = { listeners: 0, busy: 1 } as const;

export const memory = (): Memory => {
  const bell = (): SharedArrayBuffer => new SharedArrayBuffer(4);
  return {
    input: ringMemory(4096),
    main: ringMemory(4096),
    asks: ringMemory(4096),
    completions: ringMemory(4096),
    foresight: foresightMemory(),
    told: ringMemory(16384),
    stageBell: bell(),
    modelBell: bell(),
    mainBell: bell(),
    ofMain: new SharedArrayBuffer(Object.keys(MAIN).length * 4),
    gauges: new SharedArrayBuffer(GAUGES.length * 8),
    latencies: new SharedArrayBuffer(LATENCY_GAUGES * 8),
  };
};

interface Thread {
  readonly memory: Memory;
  readonly clock: number;
}

/** What the stage thread is given. */
export interface StageData extends Thread {
  readonly patches: readonly Patch[];
  /** Names of the models by number: the model thread has the same. */
  readonly cast: readonly string[];
  readonly midi: boolean;
  readonly outputs: readonly string[];
  /** Where the notes of our own go. */
  readonly oscOut: { readonly host: string; readonly port: number } | null;
}

export interface ModelData extends Thread {
  readonly engine: string;
  readonly seed: number;
  /** What the code of the models is made warm with. */
  readonly patches: readonly Patch[];
  readonly cast: readonly string[];
  /** How many times as long as it needs each step takes; 1 but where deadlines are tried. */
  readonly slow: number;
}

export interface InputData extends Thread {
  readonly midi: boolean;
  readonly inputs: readonly string[];
  readonly oscIn: { readonly host: string; readonly port: number } | null;
  readonly oscOut: { readonly host: string; readonly port: number } | null;
}

/** Messages from a thread to main. Rare: notes go through the rings. */
export type FromThread =
  | { readonly kind: 'ready'; readonly thread: number | null; readonly detail: Readonly<Record<string, unknown>> }
  /** `names` are those of inputs, by the number of their source. */
  | { readonly kind: 'ports'; readonly open: readonly string[]; readonly names?: readonly string[] }
  /** What the sound system calls the outputs. */
  | { readonly kind: 'sources'; readonly addresses: readonly string[] }
  | { readonly kind: 'engine'; readonly name: string; readonly stepMs: number }
  | { readonly kind: 'patch'; readonly name: string }
  | { readonly kind: 'state' }
  /** The pipe to the guard is open, or why it could not be opened. */
  | { readonly kind: 'guarded'; readonly failure: string | null }
  | { readonly kind: 'warning'; readonly code: string; readonly message: string }
  /** The words of an `AntiphonError`. */
  | { readonly kind: 'failed'; readonly code: string; readonly what: string; readonly value: unknown; readonly advice: string };

/** Messages from main to a thread. */
export type ToThread =
  | { readonly kind: 'ports'; readonly patterns: readonly string[] }
  | { readonly kind: 'told'; readonly told: unknown }
  /** A guard reads from the pipe of this name. */
  | { readonly kind: 'guard'; readonly pipe: string }
  | { readonly kind: 'close' };
