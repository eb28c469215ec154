import { clamp } from '../core/units.ts';
import { nameOf } from './pitch.ts';
import { placeInBar, type Score } from './score.ts';

/** A measure with a value for each of its bins. */
export interface HistogramMeasure {
  readonly kind: 'histogram';
  readonly name: string;
  readonly about: string;
  /** What each bin stands for. */
  readonly bins: readonly string[];
  /** How many notes fall in each bin; all 0 where there is none. */
  readonly of: (score: Score) => number[];
}

/** Note values in quarters: the twelve of Yang and Lerch (2018), dotted and as triplets. */
const VALUES = [
  ['1/16', 0.25], ['1/8T', 1 / 3], ['1/16.', 0.375], ['1/8', 0.5], ['1/4T', 2 / 3], ['1/8.', 0.75],
  ['1/4', 1], ['1/2T', 4 / 3], ['1/4.', 1.5], ['1/2', 2], ['1/2.', 3], ['1/1', 4],
] as const;
const LOG_VALUES = VALUES.map(([, quarters]) => Math.log(quarters));

/** The note value nearest in proportion, as a row of the twelve. */
const valueOf = (quarters: number): number => {
  const log = Math.log(quarters);
  return LOG_VALUES.reduce((best, each, i) => (Math.abs(each - log) < Math.abs((LOG_VALUES[best] as number) - log) ? i : best), 0);
};

const OCTAVE = 12;
const STEPS = 16;
const STEPS_PER_QUARTER = 4;

const counted = (size: number, bins: Iterable<number>): number[] => {
  const counts = Array.from({ length: size }, () => 0);
  for (const bin of bins) counts[bin] = (counts[bin] as number) + 1;
  return counts;
};

const intervalsOf = (line: Score['pitched']): number[] => line.slice(1).map(({ pitch }, i) => clamp(pitch - (line[i]?.pitch ?? pitch), -OCTAVE, OCTAVE) + OCTAVE);

/** Notes of each of the 128 pitches. */
export const pitchCounts = ({ pitched }: Score): number[] => counted(128, pitched.map(({ pitch }) => pitch));

/** Notes of each of the twelve pitch classes, from C. */
export const pitchClassCounts = ({ pitched }: Score): number[] => counted(12, pitched.map(({ pitch }) => pitch % 12));

/** Every measure that is a histogram. One more is one more row. */
export const HISTOGRAMS = [
  {
    kind: 'histogram',
    name: 'pitchClasses',
    about: 'notes of each pitch class',
    bins: Array.from({ length: 12 }, (_, i) => nameOf(i).replace(/-?\d+$/, '')),
    of: pitchClassCounts,
  },
  {
    kind: 'histogram',
    name: 'intervals',
    about: "semitones from a note to the next of its track's top line; larger leaps counted at the octave",
    bins: Array.from({ length: 2 * OCTAVE + 1 }, (_, i) => String(i - OCTAVE)),
    of: ({ lines }) => counted(2 * OCTAVE + 1, lines.flatMap(intervalsOf)),
  },
  {
    kind: 'histogram',
    name: 'noteLengths',
    about: 'notes of each note value, the nearest in proportion',
    bins: VALUES.map(([name]) => name),
    of: ({ pitched, ppq }) => counted(VALUES.length, pitched.filter(({ ticks }) => ticks > 0).map(({ ticks }) => valueOf(ticks / ppq))),
  },
  {
    kind: 'histogram',
    name: 'onsetPositions',
    about: 'notes struck on each 16th step of the bar, drums included; a bar longer than a whole note goes round',
    bins: Array.from({ length: STEPS }, (_, i) => String(i + 1)),
    of: (score) => counted(STEPS, [...score.pitched, ...score.drums].map(({ tick }) => stepInBar(score, tick))),
  },
] as const satisfies readonly HistogramMeasure[];

/** The nearest 16th step of the bar: what is struck just before a bar line belongs to the bar that begins. */
const stepInBar = (score: Score, tick: number): number => {
  const step = score.ppq / STEPS_PER_QUARTER;
  return Math.floor(placeInBar(score, tick + step / 2) / step) % STEPS;
};
