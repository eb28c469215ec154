import { AntiphonError } from '../core/errors.ts';
import type { Part } from '../core/part.ts';
import { ACCOMPANIMENT_PART, ACCOMPANIMENT_PARTS, ACCOMPANIMENT_START, transposeAccompaniment } from './accompaniment.ts';
import { conditionParts, OPEN, type Conditioned } from './conditions.ts';
import { DRUM, DRUM_PARTS, DRUM_START } from './drums.ts';
import { BAR_STEPS, FRAME, HARMONY, HARMONY_PARTS, HARMONY_SYMBOLS, harmonyStart, SILENT, tellHarmony, VOICES } from './harmony.ts';
import { MELODY, MELODY_SYMBOLS } from './melody.ts';
import { NOTE_CHORD_PARTS, NOTE_CHORD_START } from './note-chord.ts';
import { isOn, NO_VELOCITY, TIMES, VELOCITIES, WHAT, WHATS } from './performance.ts';

/** What a model needs to know of an encoding; symbols are the music's business. */
export interface Encoding<Name extends AnyEncodingName = AnyEncodingName> {
  readonly name: Name;
  /** Changes whenever a symbol's meaning does. */
  readonly hash: string;
  readonly parts: readonly Part[];
  /** The event before the first, one symbol a part. */
  readonly start: readonly number[];
  /** The order in which the parts that are asked are asked for, as indices. */
  readonly order: readonly number[];
  /** How many parts come first in any order; 0 by default. */
  readonly first?: number;
  /** The share of training's events that are asked in an order by chance; half by default. */
  readonly anyOrder?: number;
  /** What other heads are told of `part` of an event; its symbol by default. */
  readonly tell?: (part: number, event: readonly number[]) => number;
  /** Whether `part` of an event is a question at all: a key going up has no velocity. */
  readonly asks: (part: number, event: readonly number[]) => boolean;
  /** The event `semitones` higher; undefined where it would leave the keyboard. */
  readonly transpose: (event: readonly number[], semitones: number) => readonly number[] | undefined;
  /** Whether `part` of an event says no more than "at least": what comes later was not there to be seen. */
  readonly atLeast?: (part: number, event: readonly number[]) => boolean;
  /** How many parts, the last, tell what is wished: 0 for nothing, as in pieces that do not have them. */
  readonly conditions?: number;
  /** Whether a model learns it in one key, C major or A minor, to which pieces are moved. */
  readonly keyed?: true;
  /** Events a step of the 16th grid under it; null where there is none, or a step has now more and now fewer. */
  readonly eventsPerStep: number | null;
}

/** Encodings of which a piece can be gone on with on its own. */
export type EncodingName = 'performance' | 'melody';

/** Every encoding a model can be trained in. */
export type AnyEncodingName = EncodingName | 'harmony' | 'drums' | 'note-chord' | 'accompaniment';

const moved = (key: number, semitones: number): number | undefined => (key + semitones >= 0 && key + semitones <= 127 ? key + semitones : undefined);

const performance: Encoding<Conditioned> = {
  name: 'performance',
  hash: 'performance-1',
  parts: [
    { name: 'what', inputs: WHATS + 1, outputs: WHATS },
    { name: 'time', inputs: TIMES, outputs: TIMES },
    { name: 'velocity', inputs: VELOCITIES + 1, outputs: VELOCITIES },
  ],
  start: [WHAT.start, 0, NO_VELOCITY],
  order: [1, 0, 2],
  asks: (part, event) => part !== 2 || isOn(event[0] as number),
  transpose: ([what, time, velocity], semitones) => {
    if ((what as number) >= WHAT.pedalDown) return [what as number, time as number, velocity as number];
    const base = (what as number) & 128;
    const key = moved((what as number) & 127, semitones);
    return key === undefined ? undefined : [base + key, time as number, velocity as number];
  },
  eventsPerStep: null,
};

const melody: Encoding<Conditioned> = {
  name: 'melody',
  hash: 'melody-1',
  parts: [{ name: 'symbol', inputs: MELODY_SYMBOLS + 1, outputs: MELODY_SYMBOLS }],
  start: [MELODY.start],
  order: [0],
  asks: () => true,
  transpose: ([symbol], semitones) => {
    if ((symbol as number) < MELODY.on) return [symbol as number];
    const key = moved((symbol as number) - MELODY.on, semitones);
    return key === undefined ? undefined : [MELODY.on + key];
  },
  eventsPerStep: 1,
};

const harmony: Encoding = {
  name: 'harmony',
  hash: 'harmony-2',
  parts: HARMONY_PARTS,
  start: harmonyStart(BAR_STEPS - 1),
  order: [0, 1, 2, 3, 4],
  first: 1,
  anyOrder: 0.2,
  keyed: true,
  tell: tellHarmony,
  atLeast: (part, frame) => part === FRAME.wait && frame[FRAME.voice] === HARMONY.end,
  asks: (part, frame) => part === FRAME.wait || (part < FRAME.sounds && (frame[part] as number) < HARMONY_SYMBOLS),
  transpose: (frame, semitones) => {
    const out = [...frame];
    for (let voice = 0; voice < VOICES; voice++) {
      for (const [part, from] of [[FRAME.voice + voice, HARMONY.on], [FRAME.sounds + voice, 0]] as const) {
        const key = (frame[part] as number) - from;
        if (key < 0 || key >= SILENT) continue;
        const to = moved(key, semitones);
        if (to === undefined) return undefined;
        out[part] = from + to;
      }
    }
    return out;
  },
  eventsPerStep: null,
};

const drums: Encoding = {
  name: 'drums',
  hash: 'drums-1',
  parts: DRUM_PARTS,
  start: DRUM_START,
  order: [0, 2, 1],
  asks: (part, event) => part === 0 || (part < 3 && (event[0] as number) < DRUM.step),
  transpose: (event) => event,
  eventsPerStep: null,
};

const noteChord: Encoding = {
  name: 'note-chord',
  hash: 'note-chord-1',
  parts: NOTE_CHORD_PARTS,
  start: NOTE_CHORD_START,
  order: [0, 1, 2],
  anyOrder: 0,
  asks: () => true,
  transpose: ([wait, pitch, length], semitones) => {
    const key = moved(pitch as number, semitones);
    return key === undefined ? undefined : [wait as number, key, length as number];
  },
  eventsPerStep: null,
};

const accompaniment: Encoding = {
  name: 'accompaniment',
  hash: 'accompaniment-3',
  parts: ACCOMPANIMENT_PARTS,
  start: ACCOMPANIMENT_START,
  order: [ACCOMPANIMENT_PART.chord, ACCOMPANIMENT_PART.bass, ACCOMPANIMENT_PART.strike],
  anyOrder: 0,
  asks: (part, event) => (ACCOMPANIMENT_PARTS[part]?.outputs ?? 0) > (event[part] as number),
  keyed: true,
  transpose: transposeAccompaniment,
  eventsPerStep: 0.5,
};

/** An encoding that is told what is wished beside its events. */
const wishing = (encoding: Encoding<Conditioned>, hash: string): Encoding<Conditioned> => {
  const more = conditionParts(encoding.name);
  return { ...encoding, hash, parts: [...encoding.parts, ...more], start: [...encoding.start, ...OPEN], conditions: more.length };
};

/** The parts that are only told what is wished. */
export const toldParts = ({ parts, conditions = 0 }: Pick<Encoding, 'parts' | 'conditions'>): Encoding['parts'] => parts.slice(parts.length - conditions);

/** Every encoding by name. */
export const ENCODINGS: Readonly<Record<AnyEncodingName, Encoding>> = { performance: wishing(performance, 'performance-2'), melody: wishing(melody, 'melody-2'), harmony, drums, 'note-chord': noteChord, accompaniment };

/** Encodings of models that were trained before, and are played still. */
const EARLIER: readonly Encoding[] = [performance, melody];

/**
 * The encoding of that name, or with a hash the one of that hash, as the kind the caller has a use for.
 * @throws AntiphonError `encoding.name`, `encoding.hash`
 */
export const encodingOf = <Name extends AnyEncodingName = EncodingName>(name: string, hash?: string): Encoding<Name> => {
  if (!Object.hasOwn(ENCODINGS, name)) throw new AntiphonError('encoding.name', 'No such encoding', name, `There are: ${Object.keys(ENCODINGS).join(', ')}.`);
  const earlier = hash === undefined ? undefined : EARLIER.find((each) => each.name === name && each.hash === hash);
  const encoding = (earlier ?? ENCODINGS[name as Name]) as Encoding<Name>;
  if (hash !== undefined && hash !== encoding.hash) throw new AntiphonError('encoding.hash', `The model was trained for another ${name} encoding`, hash, `This version plays ${encoding.hash}: train the model again.`);
  return encoding;
};
