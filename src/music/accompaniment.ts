import { pitch as asPitch } from '../core/units.ts';
import { CHORDS, chordNumber, chordOfNumber, tonesOf, transposeChord, type Chord } from './chord.ts';
import { topLine, type GridNote } from './melody.ts';
import { estimateKey, homeOfKey } from './scale.ts';

/**
 * Chords and bass under a melody, one event an 8th. What is asked: which chord stands, how its notes are struck, and the bass.
 * What is told beside it, in the event *before* the one it helps to ask: the melody as it was heard up to the moment in which that
 * 8th begins (which chord fits a note is not known before it is struck), the place of that 8th in its bar, the style, and the chord
 * and the bass that stand.
 *
 * Lossy: velocities; onsets nearer than a sixteenth (chords) or an 8th (bass); which of a chord's tones are struck, and how many
 * beyond one or several; inversions but for the bass; kinds of chord that `CHORD_KINDS` does not tell apart.
 */
export const CHORD = { hold: 0, none: 1, on: 2, untold: 2 + CHORDS } as const;
/** How chord notes are struck: `hold` lets sound what sounds, `off` ends it, and from `on` come the rows of `STRIKES`. */
export const STRIKE = { hold: 0, off: 1, on: 2, untold: 8 } as const;
/** In which sixteenths of its 8th a chord is struck, and whether with several notes at once or one, as in arpeggios. */
export const STRIKES = [
  { sixteenths: [0], several: false },
  { sixteenths: [1], several: false },
  { sixteenths: [0, 1], several: false },
  { sixteenths: [0], several: true },
  { sixteenths: [1], several: true },
  { sixteenths: [0, 1], several: true },
] as const satisfies readonly { readonly sixteenths: readonly number[]; readonly several: boolean }[];
export const BASS = { hold: 0, rest: 1, on: 2, untold: 130 } as const;
/** The melody in one sixteenth: nobody listens, silence, a note that goes on, a note struck. */
export const HEARD = { unheard: 0, silence: 1, held: 2, struck: 130 } as const;

/** 8ths a beat. */
export const EIGHTHS_PER_BEAT = 2;
/** The longest bar that is told, in 8ths. */
export const LONGEST_BACKED_BAR = 16;
/** Manners of accompaniment, each that of a data set; 0 is for any. */
export const BACKING_STYLES = ['any', 'pop', 'standard', 'game', 'lied'] as const;

/** What is asked, then what is only told; the last input of what is asked stands for what is not told. */
export const ACCOMPANIMENT_PARTS = [
  { name: 'chord', inputs: CHORD.untold + 1, outputs: CHORD.untold },
  { name: 'strike', inputs: STRIKE.untold + 1, outputs: STRIKE.untold },
  { name: 'bass', inputs: BASS.untold + 1, outputs: BASS.untold },
  { name: 'earlier', inputs: HEARD.struck + 128, outputs: 0 },
  { name: 'later', inputs: HEARD.struck + 128, outputs: 0 },
  { name: 'place', inputs: LONGEST_BACKED_BAR, outputs: 0 },
  { name: 'style', inputs: BACKING_STYLES.length, outputs: 0 },
  { name: 'harmony', inputs: CHORDS + 1, outputs: 0 },
  { name: 'ground', inputs: 129, outputs: 0 },
] as const;
/** The parts of an event by name, as indices. */
export const ACCOMPANIMENT_PART = { chord: 0, strike: 1, bass: 2, earlier: 3, later: 4, place: 5, style: 6, harmony: 7, ground: 8 } as const;
/** The event before the first, which is asked for at the beginning of a bar. */
export const ACCOMPANIMENT_START: readonly number[] = [CHORD.untold, STRIKE.untold, BASS.untold, HEARD.unheard, HEARD.unheard, 0, 0, 0, 0];

/** A chord that stands from `step`, in 8ths, to the next; null for none. */
export interface ChordChange {
  readonly step: number;
  readonly chord: Chord | null;
}

/** Chord notes struck in an 8th, a row of `STRIKES`, and how many 8ths they sound on. */
export interface Strike {
  readonly step: number;
  readonly steps: number;
  readonly how: number;
}

/** An accompaniment of `length` 8ths, all of it in 8ths from the beginning of a bar. Strikes or bass are null where they are not known. */
export interface Accompaniment {
  readonly length: number;
  readonly chords: readonly ChordChange[];
  readonly strikes: readonly Strike[] | null;
  readonly bass: readonly GridNote[] | null;
}

/** What is told beside it: the melody in 16ths (null where nobody listens), the place in its bar of an 8th, and a row of `BACKING_STYLES`. */
export interface Setting {
  readonly melody: readonly GridNote[] | null;
  readonly place: (step: number) => number;
  readonly style: number;
}

/** The top line of `melody` as `HEARD` symbols, one a 16th from 0. */
export const heardMelody = (melody: readonly GridNote[], sixteenths: number): number[] => {
  const cells = Array.from({ length: Math.max(0, sixteenths) }, (): number => HEARD.silence);
  for (const { step, steps, pitch } of topLine(melody)) {
    for (let i = Math.max(0, step); i < Math.min(step + steps, sixteenths); i++) cells[i] = (i === step ? HEARD.struck : HEARD.held) + pitch;
  }
  return cells;
};

/** The key that a symbol of the melody is; −1 where none sounds. */
export const keyHeard = (symbol: number): number => (symbol >= HEARD.struck ? symbol - HEARD.struck : symbol >= HEARD.held ? symbol - HEARD.held : -1);

/** Semitones, −6 to 5, that move music to C major or A minor, out of what its events tell: the melody alone, or the chords and bass that stand as well; null where nothing sounds. */
export const homeOfEvents = (events: Iterable<readonly number[]>, whole = true): number | null => {
  const weights = Array.from({ length: 12 }, () => 0);
  const count = (key: number): void => {
    if (key >= 0) weights[key % 12] = (weights[key % 12] as number) + 1;
  };
  for (const event of events) {
    count(keyHeard(event[ACCOMPANIMENT_PART.earlier] as number));
    count(keyHeard(event[ACCOMPANIMENT_PART.later] as number));
    if (!whole) continue;
    count((event[ACCOMPANIMENT_PART.ground] as number) - 1);
    const chord = (event[ACCOMPANIMENT_PART.harmony] as number) - 1;
    if (chord >= 0) for (const tone of tonesOf(chordOfNumber(chord))) count(tone);
  }
  return weights.some((weight) => weight > 0) ? homeOfKey(estimateKey(weights)) : null;
};

/** What stands while an accompaniment is read or made; `take` moves it by one event. */
export class Standing {
  /** The number of the chord; −1 for none. */
  chord = -1;
  struck = false;
  /** The bass's pitch; −1 for none. */
  bass = -1;

  /** No chord is changed to itself, and only what sounds is ended. Realtime-safe: yes. */
  allows(part: number, symbol: number): boolean {
    if (part === ACCOMPANIMENT_PART.chord) return symbol === CHORD.none ? this.chord >= 0 : this.chord < 0 || symbol !== CHORD.on + this.chord;
    if (part === ACCOMPANIMENT_PART.strike) return symbol !== STRIKE.off || this.struck;
    return symbol !== BASS.rest || this.bass >= 0;
  }

  /** Realtime-safe: yes. */
  take(chord: number, strike: number, bass: number): void {
    if (chord === CHORD.none) this.chord = -1;
    else if (chord >= CHORD.on && chord < CHORD.untold) this.chord = chord - CHORD.on;
    if (strike !== STRIKE.hold) this.struck = strike >= STRIKE.on && strike < STRIKE.untold;
    if (bass !== BASS.hold) this.bass = bass >= BASS.on && bass < BASS.untold ? bass - BASS.on : -1;
  }
}

/** An accompaniment as events, one an 8th from 0. */
export const encodeAccompaniment = ({ length, chords, strikes, bass }: Accompaniment, { melody, place, style }: Setting): number[][] => {
  const chordAt = chordSymbols(chords, length);
  const strikeAt = voice(strikes, length, STRIKE, ({ how }) => how);
  const bassAt = voice(bass, length, BASS, ({ pitch }) => pitch);
  const heard = melody && heardMelody(melody, 2 * length + 1);
  const standing = new Standing();
  return chordAt.map((chord, i) => {
    standing.take(chord, strikeAt[i] as number, bassAt[i] as number);
    // Event i helps to ask for 8th i + 1, as that begins.
    const [earlier, later] = heard ? [heard[2 * i + 1] as number, heard[2 * i + 2] as number] : [HEARD.unheard, HEARD.unheard];
    return [chord, strikeAt[i] as number, bassAt[i] as number, earlier, later, place(i + 1), style, standing.chord + 1, standing.bass + 1];
  });
};

const chordSymbols = (chords: readonly ChordChange[], length: number): number[] => {
  const symbols = Array.from({ length }, (): number => CHORD.hold);
  let stands = -1;
  for (const { step, chord } of [...chords].sort((a, b) => a.step - b.step)) {
    const number = chord ? chordNumber(chord) : -1;
    if (number !== stands && step < length) symbols[step] = number < 0 ? CHORD.none : CHORD.on + number;
    stands = number;
  }
  return symbols;
};

/** What ends a sounding strike or bass, `STRIKE.off` and `BASS.rest` alike. */
const ENDS = 1;

/** One voice, each note ending at the latest where the next begins. */
const voice = <N extends { readonly step: number; readonly steps: number }>(notes: readonly N[] | null, length: number, symbol: { readonly on: number; readonly untold: number }, row: (note: N) => number): number[] => {
  const symbols = Array.from({ length }, () => (notes ? 0 : symbol.untold));
  const inOrder = (notes ?? []).filter(({ step }) => step < length).sort((a, b) => a.step - b.step);
  inOrder.forEach((note, i) => {
    symbols[note.step] = symbol.on + row(note);
    const end = note.step + note.steps;
    if (end < Math.min(length, inOrder[i + 1]?.step ?? length)) symbols[end] = ENDS;
  });
  return symbols;
};

/** Events back to an accompaniment; what was not told in the first event was not told at all. */
export const decodeAccompaniment = (events: readonly (readonly number[])[]): Accompaniment => {
  const column = (part: number): number[] => events.map((event) => event[part] as number);
  const chords = column(ACCOMPANIMENT_PART.chord).flatMap((symbol, step): ChordChange[] =>
    symbol === CHORD.none ? [{ step, chord: null }] : symbol >= CHORD.on && symbol < CHORD.untold ? [{ step, chord: chordOfNumber(symbol - CHORD.on) }] : []);
  const strikes = spans(column(ACCOMPANIMENT_PART.strike), STRIKE);
  const bass = spans(column(ACCOMPANIMENT_PART.bass), BASS);
  return {
    length: events.length,
    chords,
    strikes: strikes && strikes.map(({ step, steps, row }) => ({ step, steps, how: row })),
    bass: bass && bass.map(({ step, steps, row }) => ({ step, steps, pitch: asPitch(row) })),
  };
};

const spans = (symbols: readonly number[], symbol: { readonly on: number; readonly untold: number }): { step: number; steps: number; row: number }[] | null => {
  if (symbols[0] === symbol.untold) return null;
  const found: { step: number; steps: number; row: number }[] = [];
  let sounds = false;
  symbols.forEach((each, step) => {
    if (each >= symbol.on) found.push({ step, steps: 1, row: each - symbol.on });
    else if (each === 0 && sounds) (found.at(-1) as { steps: number }).steps++;
    sounds = each === 0 ? sounds : each >= symbol.on;
  });
  return found;
};

/** Where pitches stand among a part's symbols, and where chords do. */
const PITCHED = [
  { part: ACCOMPANIMENT_PART.bass, from: BASS.on },
  { part: ACCOMPANIMENT_PART.earlier, from: HEARD.held },
  { part: ACCOMPANIMENT_PART.later, from: HEARD.held },
  { part: ACCOMPANIMENT_PART.earlier, from: HEARD.struck },
  { part: ACCOMPANIMENT_PART.later, from: HEARD.struck },
  { part: ACCOMPANIMENT_PART.ground, from: 1 },
] as const;
const ROOTED = [
  { part: ACCOMPANIMENT_PART.chord, from: CHORD.on },
  { part: ACCOMPANIMENT_PART.harmony, from: 1 },
] as const;

/** The event `semitones` higher; undefined where a pitch would leave the keyboard. */
export const transposeAccompaniment = (event: readonly number[], semitones: number): readonly number[] | undefined => {
  const out = [...event];
  for (const { part, from } of ROOTED) {
    const number = (event[part] as number) - from;
    if (number < 0 || number >= CHORDS) continue;
    out[part] = from + transposeChord(number, semitones);
  }
  for (const { part, from } of PITCHED) {
    const key = (event[part] as number) - from;
    if (key < 0 || key >= 128) continue;
    if (key + semitones < 0 || key + semitones >= 128) return undefined;
    out[part] = from + key + semitones;
  }
  return out;
};
