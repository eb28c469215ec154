import { AntiphonError } from '../core/errors.ts';
import type { Part } from '../core/part.ts';
import { MELODY, MELODY_SYMBOLS } from './melody.ts';
import { isOn, NO_VELOCITY, TIMES, VELOCITIES, WHAT, WHATS } from './performance.ts';

/** What a model needs to know of an encoding; symbols are the music's business. */
export interface Encoding {
  readonly name: EncodingName;
  /** Changes whenever a symbol's meaning does. */
  readonly hash: string;
  readonly parts: readonly Part[];
  /** The event before the first, one symbol a part. */
  readonly start: readonly number[];
  /** The order in which parts are asked for, as indices. */
  readonly order: readonly number[];
  /** Whether `part` of an event is a question at all: a key going up has no velocity. */
  readonly asks: (part: number, event: readonly number[]) => boolean;
  /** The event `semitones` higher; undefined where it would leave the keyboard. */
  readonly transpose: (event: readonly number[], semitones: number) => readonly number[] | undefined;
  /** Whether a 16th grid lies under it. */
  readonly grid: boolean;
}

export type EncodingName = 'performance' | 'melody';

const moved = (key: number, semitones: number): number | undefined => (key + semitones >= 0 && key + semitones <= 127 ? key + semitones : undefined);

const performance: Encoding = {
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
  grid: false,
};

const melody: Encoding = {
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
  grid: true,
};

/** Every encoding by name. */
export const ENCODINGS: Readonly<Record<EncodingName, Encoding>> = { performance, melody };

/** @throws AntiphonError `encoding.name`, `encoding.hash` */
export const encodingOf = (name: string, hash?: string): Encoding => {
  if (!Object.hasOwn(ENCODINGS, name)) throw new AntiphonError('encoding.name', 'No such encoding', name, `There are: ${Object.keys(ENCODINGS).join(', ')}.`);
  const encoding = ENCODINGS[name as EncodingName];
  if (hash !== undefined && hash !== encoding.hash) throw new AntiphonError('encoding.hash', `The model was trained for another ${name} encoding`, hash, `This version plays ${encoding.hash}: train the model again.`);
  return encoding;
};
