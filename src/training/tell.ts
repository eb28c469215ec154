import type { Coin } from '../core/rng.ts';
import { densityGrade, registerGrade, styleRow, type Conditioned } from '../music/conditions.ts';
import { ENCODINGS } from '../music/encodings.ts';
import { MELODY, STEPS_PER_BEAT } from '../music/melody.ts';
import { isOn, TIME_BINS } from '../music/performance.ts';
import type { Piece } from './piece.ts';

/** The style a data set stands for, by its folder's name. */
const STYLE_OF: Readonly<Record<string, string>> = { pop909: 'pop', leadsheets: 'standard', folk: 'folk', nottingham: 'dance', lieder: 'lied', giantmidi: 'recital', mutopia: 'score' };

/**
 * How an encoding's time goes: a section's length in beats (melody: four bars of four) or seconds (performance), how much of that passes
 * before and after event `i`, and the key an event strikes, −1 for none.
 */
interface Pace {
  readonly section: number;
  readonly before: (parts: Piece['parts'], i: number) => number;
  readonly after: number;
  readonly struck: (what: number) => number;
}

const PACES: Readonly<Record<Conditioned, Pace>> = {
  melody: { section: 16, before: () => 0, after: 1 / STEPS_PER_BEAT, struck: (symbol) => (symbol >= MELODY.on ? symbol - MELODY.on : -1) },
  performance: { section: 8, before: ([, time], i) => (TIME_BINS[time?.[i] as number] as number) / 1000, after: 0, struck: (what) => (isOn(what) ? what : -1) },
};

/** How many parts of an event are asked: what is told stands after them. */
const asked = (encoding: Conditioned): number => ENCODINGS[encoding].order.length;

/** The section each event of a piece stands in, all of one length, and what is struck in each. */
const sectionsOf = (encoding: Conditioned, parts: Piece['parts']): { readonly sections: Int32Array; readonly length: number; readonly notes: readonly { count: number; keys: number }[] } => {
  const { section, before, after, struck } = PACES[encoding];
  const whats = parts[0] as Int32Array;
  let now = 0;
  const times = Float64Array.from(whats, (_, i) => {
    const at = now + before(parts, i);
    now = at + after;
    return at;
  });
  const count = Math.max(1, Math.round(now / section));
  const sections = Int32Array.from(times, (time) => Math.min(count - 1, Math.floor((time / now) * count) || 0));
  const notes = Array.from({ length: count }, () => ({ count: 0, keys: 0 }));
  whats.forEach((what, i) => {
    const key = struck(what);
    const own = notes[sections[i] as number] as (typeof notes)[number];
    if (key < 0) return;
    own.count++;
    own.keys += key;
  });
  return { sections, length: Math.max(now / count, 1), notes };
};

/**
 * The piece told all that is known of it: its style, and of each section how busy it is and how high it lies, in the event before each that
 * it is known for. By sections as long as an answer, not by pieces: a knob that is turned is heeded within one, as is learnt where sections meet.
 */
export const told = (encoding: Conditioned, piece: Piece): Piece => {
  const parts = piece.parts.slice(0, asked(encoding));
  const { sections, length, notes } = sectionsOf(encoding, parts);
  const densities = notes.map(({ count }) => densityGrade(encoding, count / length));
  const registers = notes.map(({ count, keys }) => (count === 0 ? 0 : registerGrade(encoding, keys / count)));
  const ofNext = (grades: readonly number[]): Int32Array => sections.map((_, i) => grades[sections[Math.min(i + 1, sections.length - 1)] as number] as number);
  const style = new Int32Array(sections.length).fill(styleRow(encoding, STYLE_OF[piece.source] ?? ''));
  return { ...piece, parts: [...parts, style, ofNext(densities), ofNext(registers)] };
};

/** How often a piece is told nothing: models are judged so, and play so until a knob is turned. */
const SILENT = 0.5;
/** Else how often each condition is left open, and how often it is told only from some event on, as one that is wished while music goes on. */
const LEFT_OPEN = 0.25;
const LATER = 0.3;

/** The piece told some of what is known of it, or nothing. */
export const toldSome = (encoding: Conditioned, piece: Piece, coin: Coin): Piece => {
  if (coin() < SILENT) return piece;
  const { parts } = told(encoding, piece);
  for (const part of parts.slice(asked(encoding))) {
    const [open, later, from] = [coin(), coin(), coin()];
    if (open < LEFT_OPEN) part.fill(0);
    else if (later < LATER) part.fill(0, 0, Math.floor(from * part.length));
  }
  return { ...piece, parts };
};
