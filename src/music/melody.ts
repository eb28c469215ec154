import { pitch as asPitch, type Pitch } from '../core/units.ts';

/** One voice on a 16th grid, one symbol a step: as Magenta's MelodyRNN has it. `start` is input only. */
export const MELODY = { hold: 0, off: 1, on: 2, start: 130 } as const;
/** Symbols that can be predicted. */
export const MELODY_SYMBOLS = 130;
/** Steps to a beat. */
export const STEPS_PER_BEAT = 4;
/** A rest longer than this many steps is cut to it. */
export const LONGEST_REST = 32;

/** A note on the grid: `step` and `steps` in 16ths. */
export interface GridNote {
  readonly step: number;
  readonly steps: number;
  readonly pitch: Pitch;
}

/** The top line of `notes` as symbols from the first note to the end of the last; long rests are cut. */
export const encodeMelody = (notes: readonly GridNote[]): number[] => {
  const line = topLine(notes);
  const symbols: number[] = [];
  let previousEnd = line[0]?.step ?? 0;
  for (const { step, steps, pitch } of line) {
    const rest = Math.min(step - previousEnd, LONGEST_REST);
    for (let i = 0; i < rest; i++) symbols.push(i === 0 ? MELODY.off : MELODY.hold);
    symbols.push(MELODY.on + pitch);
    for (let i = 1; i < steps; i++) symbols.push(MELODY.hold);
    previousEnd = step + steps;
  }
  return symbols;
};

/** Of notes that begin together the highest stays; each ends where the next begins. */
export const topLine = (notes: readonly GridNote[]): GridNote[] => {
  const top = new Map<number, GridNote>();
  for (const note of notes) {
    const other = top.get(note.step);
    if (!other || other.pitch < note.pitch) top.set(note.step, note);
  }
  const line = [...top.values()].sort((a, b) => a.step - b.step);
  return line.map((note, i) => ({ ...note, steps: Math.max(1, Math.min(note.steps, (line[i + 1]?.step ?? Infinity) - note.step)) }));
};

/** Symbols back to notes on the grid, the first symbol at `from`. */
export const decodeMelody = (symbols: readonly number[], from = 0): GridNote[] => {
  const notes: GridNote[] = [];
  let on: { step: number; pitch: Pitch } | undefined;
  const end = (step: number): void => {
    if (on) notes.push({ ...on, steps: step - on.step });
    on = undefined;
  };
  symbols.forEach((symbol, i) => {
    if (symbol === MELODY.hold) return;
    end(from + i);
    if (symbol >= MELODY.on) on = { step: from + i, pitch: asPitch(symbol - MELODY.on) };
  });
  end(from + symbols.length);
  return notes;
};

/** Steps a note is held at most where it is written by a model: of what people write, one note in ten thousand is longer. */
const LONGEST_NOTE = 32;

/** `off` only while a note sounds, and no rest longer than the encoding's longest; everything else may always come. */
export class MelodyGrammar {
  sounding = -1;
  /** Steps of the rest so far; 0 where there is none. */
  private rest = 0;
  /** Steps of the note that sounds, so far. */
  private held = 0;

  /** Realtime-safe: yes. */
  allows(symbol: number): boolean {
    if (symbol === MELODY.hold) return this.rest < LONGEST_REST;
    return symbol !== MELODY.off || this.sounding >= 0;
  }

  /** Whether a model may write it: what is allowed, but no note held without end. Realtime-safe: yes. */
  writes(symbol: number): boolean {
    return this.allows(symbol) && (symbol !== MELODY.hold || this.sounding < 0 || this.held < LONGEST_NOTE);
  }

  copyFrom(other: MelodyGrammar): void {
    this.sounding = other.sounding;
    this.rest = other.rest;
    this.held = other.held;
  }

  /** Realtime-safe: yes. */
  take(symbol: number): void {
    if (symbol === MELODY.off) this.rest = 1;
    else if (symbol !== MELODY.hold) this.rest = 0;
    else if (this.rest > 0) this.rest++;
    this.held = symbol === MELODY.hold ? this.held + 1 : 1;
    if (symbol === MELODY.off || symbol === MELODY.start) this.sounding = -1;
    else if (symbol >= MELODY.on) this.sounding = symbol - MELODY.on;
  }
}
