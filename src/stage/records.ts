import { beats, bpm, ms, pitch, velocity, type Channel } from '../core/units.ts';
import type { Ask, Completion } from '../live/ask.ts';

/**
 * Everything that goes in and out of the stage is one record of eight doubles: a code, six arguments, and last the stage's clock
 * when it was taken. The same records make the session's log.
 */
export const IN = {
  /** status, a, b, time, source, row of the patch's inputs that chose the source */
  midi: 1,
  /** plan, index, pitch, velocity, time, whether it is a bass's */
  note: 2,
  /** plan, index, time */
  off: 3,
  /** plan, index, pitch, last */
  harmony: 4,
  /** plan, until */
  end: 5,
  /** index in PARAM_NAMES, value */
  param: 6,
  play: 7,
  stop: 8,
  panic: 9,
  /** Time has passed. */
  wake: 10,
  /** number of the patch in the log's list */
  patch: 11,
  /** source: its keys count as up */
  inputLost: 12,
  outputLost: 13,
  outputBack: 14,
  /** real-time status byte, time */
  clock: 15,
  /** The models are new, and know nothing of roles and parameters. */
  modelBack: 16,
  /** role, weights */
  guess: 17,
} as const;

export const OUT = {
  /** id, role, pitch, velocity, channel, wanted */
  sounded: 32,
  /** id, role, pitch, channel */
  ended: 33,
  /** id */
  withdrawn: 34,
  /** index in PARAM_NAMES, value: moved by a controller of the player's */
  param: 35,
  /** source, lag in milliseconds: our output comes back into it; `NO_LOOP` where it no longer does */
  loop: 36,
} as const;

/** In place of a lag: there is no loop. */
export const NO_LOOP = -1;

/** Sources of notes that are no MIDI port: ports are numbered below. */
export const SOURCES = { page: 16, osc: 17 } as const;

const ASKS = ['hear', 'harmony', 'grow', 'extend', 'cancel', 'param', 'pulse', 'role', 'grid', 'generation'] as const;

export type Push = (a: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number) => boolean;

/** Writes an ask as a record. Realtime-safe: yes. */
export const pushAsk = (push: Push, ask: Ask): boolean => {
  const code = ASKS.indexOf(ask.kind);
  switch (ask.kind) {
    case 'hear':
      return push(code, ask.time, ask.what, ask.value, ask.player ? 1 : 0);
    case 'harmony':
      return push(code, ask.plan, ask.role, ask.pitch, ask.voices, ask.time, ask.foreseen);
    case 'grow':
      return push(code, ask.plan, ask.role, ask.from, ask.until, ask.density, ask.velocity, ask.open ? 1 : 0);
    case 'extend':
      return push(code, ask.plan, ask.until);
    case 'cancel':
      return push(code, ask.plan);
    case 'param':
      return push(code, ask.role, ask.param, ask.value);
    case 'pulse':
      return push(code, ask.bpm, ask.phase);
    case 'role':
      return push(code, ask.role, ask.model);
    case 'grid':
      return push(code, ask.role, ask.bpm, ask.time, ask.beat);
    case 'generation':
      return push(code, ask.generation);
  }
};

/** Reads the ask a record stands for. */
export const readAsk = (r: Float64Array): Ask => {
  const [code, a, b, c, d, e, f, g] = r as unknown as [number, number, number, number, number, number, number, number];
  switch (ASKS[code] as Ask['kind']) {
    case 'hear':
      return { kind: 'hear', time: ms(a), what: b, value: c, player: d === 1 };
    case 'harmony':
      return { kind: 'harmony', plan: a, role: b, pitch: pitch(c), voices: d, time: ms(e), foreseen: f };
    case 'grow':
      return { kind: 'grow', plan: a, role: b, from: ms(c), until: ms(d), density: e, velocity: f, open: g === 1 };
    case 'extend':
      return { kind: 'extend', plan: a, until: ms(b) };
    case 'cancel':
      return { kind: 'cancel', plan: a };
    case 'param':
      return { kind: 'param', role: a, param: b, value: c };
    case 'pulse':
      return { kind: 'pulse', bpm: a, phase: ms(b) };
    case 'role':
      return { kind: 'role', role: a, model: b };
    case 'grid':
      return { kind: 'grid', role: a, bpm: bpm(b), time: ms(c), beat: beats(d) };
    case 'generation':
      return { kind: 'generation', generation: a };
  }
};

/** Writes a completion as a record for the stage. Realtime-safe: yes. */
export const pushCompletion = (push: Push, completion: Completion): boolean => {
  switch (completion.kind) {
    case 'note':
      return push(IN.note, completion.plan, completion.index, completion.pitch, completion.velocity, completion.time, completion.bass ? 1 : 0);
    case 'off':
      return push(IN.off, completion.plan, completion.index, completion.time);
    case 'harmony':
      return push(IN.harmony, completion.plan, completion.index, completion.pitch, completion.last ? 1 : 0);
    case 'end':
      return push(IN.end, completion.plan, completion.until);
    case 'guess':
      return push(IN.guess, completion.role, completion.weights);
  }
};

/** The completion a record stands for; null where it is another kind of record. */
export const readCompletion = (r: Float64Array): Completion | null => {
  const [code, a, b, c, d, e, f] = r as unknown as [number, number, number, number, number, number, number];
  if (code === IN.note) return { kind: 'note', plan: a, index: b, pitch: pitch(c), velocity: velocity(d), time: ms(e), ...(f === 1 ? { bass: true } : {}) };
  if (code === IN.off) return { kind: 'off', plan: a, index: b, time: ms(c) };
  if (code === IN.harmony) return { kind: 'harmony', plan: a, index: b, pitch: pitch(c), last: d === 1 };
  if (code === IN.end) return { kind: 'end', plan: a, until: ms(b) };
  if (code === IN.guess) return { kind: 'guess', plan: 0, role: a, weights: b };
  return null;
};

/** MIDI channel of a status byte. */
export const channelOfStatus = (status: number): Channel => ((status & 0x0f) + 1) as Channel;
