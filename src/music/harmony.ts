import { pitch as asPitch } from '../core/units.ts';
import type { GridNote } from './melody.ts';

/**
 * Four voices on a 16th grid, one event a voice and step, from the highest voice to the lowest: the order of TonicNet (Peracha
 * 2019). A voice holds, rests or strikes, so that a note's length need not be known when it begins: what is coded of a step hangs
 * on it and on what was before it.
 */
export const HARMONY = { hold: 0, rest: 1, on: 2, start: 130 } as const;
/** Symbols that can be predicted. */
export const HARMONY_SYMBOLS = 130;
export const VOICES = 4;
/** Steps of a bar, as the model is told the metre: counted from the first step. */
export const BAR_STEPS = 16;
/** Stands for a pitch where a voice is silent. */
export const SILENT = 128;
/** A note's age in steps is told up to this. */
const OLDEST = 15;

/**
 * What an event is made of: the symbol, and what it leaves the next voice to know, which is fed and never asked: the pitch that
 * voice has had, for how many steps, the pitch every voice has now, and which voice it is at which step of the bar.
 */
export const HARMONY_PARTS = [
  { name: 'symbol', inputs: HARMONY_SYMBOLS + 1, outputs: HARMONY_SYMBOLS },
  { name: 'had', inputs: SILENT + 1, outputs: 0 },
  { name: 'age', inputs: OLDEST + 1, outputs: 0 },
  { name: 'soprano', inputs: SILENT + 1, outputs: 0 },
  { name: 'alto', inputs: SILENT + 1, outputs: 0 },
  { name: 'tenor', inputs: SILENT + 1, outputs: 0 },
  { name: 'bass', inputs: SILENT + 1, outputs: 0 },
  { name: 'place', inputs: VOICES * BAR_STEPS, outputs: 0 },
] as const;

/** The parts that tell what each voice sounds, the highest first, as indices. */
export const HARMONY_VOICES = [3, 4, 5, 6] as const;
/** All parts that are pitches, as indices. */
export const HARMONY_PITCHES = [1, ...HARMONY_VOICES] as const;
/** The lowest and highest pitch of each voice that a piece is moved to: those of chorales and hymns. */
export const HARMONY_RANGES = [[58, 81], [52, 76], [45, 71], [36, 66]] as const;

/** The four voices as they are heard, event by event, and what may come next: the same for a file and for a player. */
export class HarmonyVoices {
  /** What each voice sounds: a pitch, or `SILENT`. */
  readonly sounding = new Int16Array(VOICES).fill(SILENT);
  private readonly ages = new Int32Array(VOICES).fill(-1);
  /** The voice whose turn it is, from 0 for the highest. */
  voice = 0;
  /** The step whose turn it is. */
  step: number;

  /** @param step of the bar at which it begins */
  constructor(step = 0) {
    this.step = step;
  }

  /** A voice that is silent can't rest again, and one that did nothing yet has nothing to hold. Realtime-safe: yes. */
  allows(symbol: number): boolean {
    if (symbol === HARMONY.hold) return (this.ages[this.voice] as number) >= 0;
    return symbol !== HARMONY.rest || this.sounding[this.voice] !== SILENT || (this.ages[this.voice] as number) < 0;
  }

  /** Notes what the voice in turn does, allowed or not. Realtime-safe: yes. */
  take(symbol: number): void {
    if (symbol === HARMONY.hold) this.ages[this.voice] = (this.ages[this.voice] as number) + 1;
    else {
      this.sounding[this.voice] = symbol === HARMONY.rest ? SILENT : symbol - HARMONY.on;
      this.ages[this.voice] = 0;
    }
    this.voice = (this.voice + 1) % VOICES;
    if (this.voice === 0) this.step++;
  }

  /** The event to feed after `symbol` was taken (before the first, `HARMONY.start`). Realtime-safe: yes, but for the event it returns. */
  event(symbol: number): number[] {
    const age = Math.max(0, Math.min(OLDEST, this.ages[this.voice] as number));
    return [symbol, this.sounding[this.voice] as number, age, ...this.sounding, this.voice * BAR_STEPS + (this.step % BAR_STEPS)];
  }
}

/**
 * Four voices as events, of `steps` steps: to the end of the last note by default. A note that begins before the one before it has ended ends that one; of two
 * that begin together in one voice the higher stays.
 */
export const encodeHarmony = (voices: readonly (readonly GridNote[])[], steps = lengthOf(voices)): number[][] => {
  const lines = Array.from({ length: VOICES }, (_, v) => symbolsOf(voices[v] ?? [], steps));
  const heard = new HarmonyVoices();
  return Array.from({ length: steps * VOICES }, (_, i) => {
    const symbol = (lines[i % VOICES] as number[])[Math.floor(i / VOICES)] as number;
    heard.take(symbol);
    return heard.event(symbol);
  });
};

const lengthOf = (voices: readonly (readonly GridNote[])[]): number => voices.flat().reduce((end, note) => Math.max(end, note.step + note.steps), 0);

const symbolsOf = (notes: readonly GridNote[], steps: number): number[] => {
  const symbols = Array.from({ length: steps }, (_, step) => (step === 0 ? HARMONY.rest : HARMONY.hold) as number);
  let end = 0;
  for (const { step, steps: length, pitch } of [...notes].sort((a, b) => a.step - b.step || a.pitch - b.pitch)) {
    if (end > step && end < steps) symbols[end] = HARMONY.hold;
    end = step + length;
    symbols[step] = HARMONY.on + pitch;
    if (end < steps) symbols[end] = HARMONY.rest;
  }
  return symbols;
};

/** The symbols of events back to notes, one list a voice. */
export const decodeHarmony = (symbols: readonly number[]): GridNote[][] => {
  const voices: GridNote[][] = Array.from({ length: VOICES }, () => []);
  const open: ({ step: number; pitch: number } | undefined)[] = Array.from({ length: VOICES });
  const end = (voice: number, step: number): void => {
    const note = open[voice];
    if (note) (voices[voice] as GridNote[]).push({ step: note.step, steps: step - note.step, pitch: asPitch(note.pitch) });
    open[voice] = undefined;
  };
  symbols.forEach((symbol, i) => {
    if (symbol === HARMONY.hold) return;
    const voice = i % VOICES;
    const step = Math.floor(i / VOICES);
    end(voice, step);
    if (symbol >= HARMONY.on) open[voice] = { step, pitch: symbol - HARMONY.on };
  });
  for (let voice = 0; voice < VOICES; voice++) end(voice, Math.ceil((symbols.length - voice) / VOICES));
  return voices;
};
