import { pitch as asPitch } from '../core/units.ts';
import type { GridNote } from './melody.ts';

/**
 * Four voices as frames: one event wherever a voice does something, with the 16th steps since the last. What each voice does is asked
 * from the highest to the lowest, each knowing those above it; a voice holds, rests or strikes. Nothing that is coded needs what comes
 * after it: a note's length is not known when it begins.
 */
export const HARMONY = { hold: 0, rest: 1, on: 2, start: 130, end: 131 } as const;
/** Symbols of a voice that can be predicted. */
export const HARMONY_SYMBOLS = 130;
export const VOICES = 4;
/** The longest wait, in steps: a longer one is told in several frames, in all but the last of which every voice holds. */
export const LONGEST_WAIT = 16;
/** Steps of a bar, as the model is told the metre: counted from the first step. */
export const BAR_STEPS = 16;
/** Stands for a pitch where a voice is silent. */
export const SILENT = 128;

/**
 * What a frame is made of: how long it was waited for less one, what each voice does; and what is fed and never asked: what each voice
 * sounds from then on, and the frame's step in the bar. A voice is told to the others by what it sounds, struck or held.
 */
export const HARMONY_PARTS = [
  { name: 'wait', inputs: LONGEST_WAIT + 1, outputs: LONGEST_WAIT, told: LONGEST_WAIT * BAR_STEPS },
  { name: 'soprano', inputs: HARMONY_SYMBOLS + 2, outputs: HARMONY_SYMBOLS, told: 2 * (SILENT + 1) },
  { name: 'alto', inputs: HARMONY_SYMBOLS + 2, outputs: HARMONY_SYMBOLS, told: 2 * (SILENT + 1) },
  { name: 'tenor', inputs: HARMONY_SYMBOLS + 2, outputs: HARMONY_SYMBOLS, told: 2 * (SILENT + 1) },
  { name: 'bass', inputs: HARMONY_SYMBOLS + 2, outputs: HARMONY_SYMBOLS, told: 2 * (SILENT + 1) },
  { name: 'soprano sounds', inputs: SILENT + 1, outputs: 0 },
  { name: 'alto sounds', inputs: SILENT + 1, outputs: 0 },
  { name: 'tenor sounds', inputs: SILENT + 1, outputs: 0 },
  { name: 'bass sounds', inputs: SILENT + 1, outputs: 0 },
  { name: 'place', inputs: BAR_STEPS, outputs: 0 },
] as const;

/** Places of the parts in a frame: the first voice, what it sounds, the step in the bar. */
export const FRAME = { wait: 0, voice: 1, sounds: 5, place: 9 } as const;
/** The lowest and highest pitch of each voice that a piece is moved to: those of chorales and hymns. */
export const HARMONY_RANGES = [[58, 81], [52, 76], [45, 71], [36, 66]] as const;

/** A frame before the first, at a step of the bar. */
export const harmonyStart = (place = 0): number[] => [LONGEST_WAIT, ...Array.from({ length: VOICES }, () => HARMONY.start), ...Array.from({ length: VOICES }, () => SILENT), place];

/** What the other heads are told of a part of a frame. Realtime-safe: yes. */
export const tellHarmony = (part: number, frame: readonly number[]): number => {
  if (part === FRAME.wait) return Math.min(LONGEST_WAIT - 1, frame[FRAME.wait] as number) * BAR_STEPS + (frame[FRAME.place] as number);
  return toldVoice(frame[part] as number, frame[part - FRAME.voice + FRAME.sounds] as number);
};

/** What the other heads are told of a voice: what it sounds after `symbol`, and whether it holds that. */
export const toldVoice = (symbol: number, sounds: number): number => 2 * sounds + (symbol === HARMONY.hold ? 1 : 0);

/** The four voices as they are heard, and what may come next: the same for a file and for a player. */
export class HarmonyVoices {
  /** What each voice sounds: a pitch, or `SILENT`. */
  readonly sounding: Int16Array = new Int16Array(VOICES).fill(SILENT);
  /** Steps since the beginning. */
  step: number;

  /** @param step of the bar at which it begins */
  constructor(step = 0) {
    this.step = step;
  }

  /** A voice that is silent can't rest again. Realtime-safe: yes. */
  allows(voice: number, symbol: number): boolean {
    return symbol !== HARMONY.rest || this.sounding[voice] !== SILENT;
  }

  /** What a voice sounds once it does `symbol`. Realtime-safe: yes. */
  after(voice: number, symbol: number): number {
    if (symbol === HARMONY.rest) return SILENT;
    return symbol >= HARMONY.on && symbol < HARMONY.start ? symbol - HARMONY.on : (this.sounding[voice] as number);
  }

  /** Notes what the voices do `wait` steps after the last frame, and gives the frame. Realtime-safe: yes, but for the frame it returns. */
  frame(wait: number, symbols: readonly number[]): number[] {
    this.step += wait;
    symbols.forEach((symbol, voice) => (this.sounding[voice] = this.after(voice, symbol)));
    return [wait - 1, ...symbols, ...this.sounding, this.step % BAR_STEPS];
  }
}

/**
 * Four voices as frames, of `steps` steps: to the end of the last note by default. A note that begins before the one before it has ended
 * ends that one; of two that begin together in one voice the higher stays. The first frame is at the first step, a wait of one after
 * nothing; the last says only how long the one before it lasts.
 */
export const encodeHarmony = (voices: readonly (readonly GridNote[])[], steps = lengthOf(voices)): number[][] => {
  const lines = Array.from({ length: VOICES }, (_, v) => symbolsOf(voices[v] ?? [], steps));
  const heard = new HarmonyVoices(BAR_STEPS - 1);
  const frames: number[][] = [];
  let last = -1;
  const stay = Array.from({ length: VOICES }, () => HARMONY.hold as number);
  const wait = (until: number): number => {
    for (; until - last > LONGEST_WAIT; last += LONGEST_WAIT) frames.push(heard.frame(LONGEST_WAIT, stay));
    return until - last;
  };
  for (let step = 0; step < steps; step++) {
    const symbols = lines.map((line) => line[step] as number);
    if (symbols.every((symbol) => symbol === HARMONY.hold)) continue;
    frames.push(heard.frame(wait(step), symbols));
    last = step;
  }
  if (steps > 0) frames.push(heard.frame(wait(steps), stay.map(() => HARMONY.end)));
  return frames;
};

const lengthOf = (voices: readonly (readonly GridNote[])[]): number => voices.flat().reduce((end, note) => Math.max(end, note.step + note.steps), 0);

const symbolsOf = (notes: readonly GridNote[], steps: number): number[] => {
  const symbols = Array.from({ length: steps }, () => HARMONY.hold as number);
  let end = 0;
  for (const { step, steps: length, pitch } of [...notes].sort((a, b) => a.step - b.step || a.pitch - b.pitch)) {
    if (end > step && end < steps) symbols[end] = HARMONY.hold;
    end = step + length;
    symbols[step] = HARMONY.on + pitch;
    if (end < steps) symbols[end] = HARMONY.rest;
  }
  return symbols;
};

/** Frames back to notes, one list a voice; what still sounds at the end ends there. */
export const decodeHarmony = (frames: readonly (readonly number[])[]): GridNote[][] => {
  const voices: GridNote[][] = Array.from({ length: VOICES }, () => []);
  const open: ({ step: number; pitch: number } | undefined)[] = Array.from({ length: VOICES });
  let step = -1;
  const end = (voice: number): void => {
    const note = open[voice];
    if (note && step > note.step) (voices[voice] as GridNote[]).push({ step: note.step, steps: step - note.step, pitch: asPitch(note.pitch) });
    open[voice] = undefined;
  };
  for (const frame of frames) {
    step += (frame[FRAME.wait] as number) + 1;
    for (let voice = 0; voice < VOICES; voice++) {
      const symbol = frame[FRAME.voice + voice] as number;
      if (symbol === HARMONY.hold) continue;
      end(voice);
      if (symbol >= HARMONY.on && symbol < HARMONY.start) open[voice] = { step, pitch: symbol - HARMONY.on };
    }
  }
  if (open.some((note) => note !== undefined)) step++;
  for (let voice = 0; voice < VOICES; voice++) end(voice);
  return voices;
};
