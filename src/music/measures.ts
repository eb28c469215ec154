import { mean } from '../core/statistics.ts';
import { drumPatternConsistency, emptyBarRate, emptyBeatRate, grooveConsistency } from './groove.ts';
import { voiceLeadingRate } from './four-voices.ts';
import { HISTOGRAMS, pitchClassCounts, pitchCounts, type HistogramMeasure } from './histograms.ts';
import { ringRate } from './ostinato.ts';
import { polyphony, polyphonyRate } from './polyphony.ts';
import { inScale, SCALES } from './scale.ts';
import type { Score } from './score.ts';

/** A measure with one value, in `unit`; NaN where a song has nothing to measure. */
export interface ScalarMeasure {
  readonly kind: 'scalar';
  readonly name: string;
  readonly unit: string;
  readonly about: string;
  readonly of: (score: Score) => number;
}

export type Measure = ScalarMeasure | HistogramMeasure;

/** Places of a quarter note that a groove is told by. */
const GROOVE_GRID = 4;

/** Shannon's entropy in bits of counts; NaN where there are none. */
const entropy = (counts: readonly number[]): number => {
  const sum = counts.reduce((all, each) => all + each, 0);
  return sum === 0 ? NaN : counts.reduce((bits, each) => (each > 0 ? bits - (each / sum) * Math.log2(each / sum) : bits), 0);
};

const ROW = { major: SCALES.findIndex(({ name }) => name === 'major'), minor: SCALES.findIndex(({ name }) => name === 'minor') } as const;
const ROOTS = Array.from({ length: 12 }, (_, root) => root);

/** The share of notes in a major or natural minor scale over `root` (0 is C); NaN where there is no note. As muspy's `pitch_in_scale_rate`. */
export const pitchInScaleRate = ({ pitched }: Score, root: number, mode: keyof typeof ROW): number => pitched.filter(({ pitch }) => inScale(pitch, root, ROW[mode])).length / pitched.length;

const range = ({ pitched }: Score): number => (pitched.length === 0 ? NaN : pitched.reduce((high, { pitch }) => Math.max(high, pitch), 0) - pitched.reduce((low, { pitch }) => Math.min(low, pitch), 127));
const used = (counts: readonly number[]): number => counts.filter((count) => count > 0).length;

/** What lies between neighbours of every line, from one note to the next. */
const successions = ({ lines }: Score, between: (from: Score['pitched'][number], to: Score['pitched'][number]) => number): number[] => lines.flatMap((line) => line.slice(1).map((note, i) => between(line[i] as typeof note, note)));

/**
 * Every measure with one value, drums left out unless it says so. Where muspy (Dong et al. 2020) has one of the name in its own
 * spelling the definitions agree; a range of no notes is NaN here and 0 there. One more is one more row.
 */
export const SCALARS = [
  { kind: 'scalar', name: 'notes', unit: 'notes', about: 'notes, drums included', of: ({ pitched, drums }) => pitched.length + drums.length },
  { kind: 'scalar', name: 'density', unit: 'notes a quarter', about: 'notes over the length of the song, drums included', of: ({ pitched, drums, end, ppq }) => ((pitched.length + drums.length) * ppq) / end },
  { kind: 'scalar', name: 'pitchRange', unit: 'semitones', about: 'from the lowest note to the highest', of: range },
  { kind: 'scalar', name: 'pitchesUsed', unit: 'pitches', about: 'different pitches', of: (score) => used(pitchCounts(score)) },
  { kind: 'scalar', name: 'pitchClassesUsed', unit: 'pitch classes', about: 'different pitch classes', of: (score) => used(pitchClassCounts(score)) },
  { kind: 'scalar', name: 'pitchEntropy', unit: 'bits', about: 'entropy of the pitches', of: (score) => entropy(pitchCounts(score)) },
  { kind: 'scalar', name: 'pitchClassEntropy', unit: 'bits', about: 'entropy of the pitch classes', of: (score) => entropy(pitchClassCounts(score)) },
  { kind: 'scalar', name: 'scaleConsistency', unit: 'share', about: 'notes in the major or minor scale that fits best', of: (score) => ROOTS.reduce((most, root) => Math.max(most, pitchInScaleRate(score, root, 'major'), pitchInScaleRate(score, root, 'minor')), 0) },
  { kind: 'scalar', name: 'meanInterval', unit: 'semitones', about: "mean leap from a note to the next of its track's top line", of: (score) => mean(successions(score, (from, to) => Math.abs(to.pitch - from.pitch))) },
  { kind: 'scalar', name: 'meanOnsetInterval', unit: 'quarters', about: "mean time from an onset to the next of its track", of: (score) => mean(successions(score, (from, to) => to.tick - from.tick)) / score.ppq },
  { kind: 'scalar', name: 'meanLength', unit: 'quarters', about: 'mean length of a note', of: ({ pitched, ppq }) => mean(pitched.map(({ ticks }) => ticks)) / ppq },
  { kind: 'scalar', name: 'meanVelocity', unit: '1 to 127', about: 'mean velocity, drums included', of: ({ pitched, drums }) => mean([...pitched, ...drums].map(({ velocity }) => velocity)) },
  { kind: 'scalar', name: 'polyphony', unit: 'pitches', about: 'pitches at once, on average where any sounds', of: polyphony },
  { kind: 'scalar', name: 'polyphonyRate', unit: 'share', about: 'of the song in which more than two pitches sound', of: (score) => polyphonyRate(score) },
  { kind: 'scalar', name: 'emptyBeatRate', unit: 'share', about: 'of quarters in which nothing sounds, drums included', of: emptyBeatRate },
  { kind: 'scalar', name: 'emptyMeasureRate', unit: 'share', about: 'of bars in which nothing sounds, drums included', of: emptyBarRate },
  { kind: 'scalar', name: 'grooveConsistency', unit: 'share', about: "how alike neighbouring bars' onsets are on the 16th grid, drums included", of: (score) => grooveConsistency(score, GROOVE_GRID) },
  { kind: 'scalar', name: 'ringRate', unit: 'share', about: 'notes that go on with a figure which came three times in a row, over sixteen notes and more', of: ({ pitched }) => ringRate([...pitched].sort((a, b) => a.tick - b.tick || a.pitch - b.pitch).map(({ pitch }) => pitch)) },
  { kind: 'scalar', name: 'drumPatternConsistency', unit: 'share', about: 'drum notes on the halves and quarters, or on the thirds, of a quarter note', of: drumPatternConsistency },
  { kind: 'scalar', name: 'parallelRate', unit: 'a move', about: 'parallel fifths and octaves of four voices, for each step at which two or more of them move', of: (score) => voiceLeadingRate(score, ({ parallelFifths, parallelOctaves, moves }) => (parallelFifths + parallelOctaves) / moves) },
  { kind: 'scalar', name: 'crossingRate', unit: 'a step', about: 'crossings of neighbours among four voices', of: (score) => voiceLeadingRate(score, ({ crossings, steps }) => crossings / steps) },
  { kind: 'scalar', name: 'outOfRangeRate', unit: 'share', about: "of four voices' time that is out of the ranges of chorales", of: (score) => voiceLeadingRate(score, ({ rangeViolations, voicings }) => rangeViolations / voicings) },
] as const satisfies readonly ScalarMeasure[];

/** Every measure of music. */
export const MEASURES = [...SCALARS, ...HISTOGRAMS] as const;
export type MeasureName = (typeof MEASURES)[number]['name'];

/** A song by all measures: a number, or a share for each bin; null where it has nothing to measure. */
export type Measured = Readonly<Record<MeasureName, number | readonly number[] | null>>;

/** Measures a song by every row of `MEASURES`. */
export const measuresOf = (score: Score): Measured => Object.fromEntries(MEASURES.map((measure) => [measure.name, valueOf(measure, score)])) as Measured;

const valueOf = (measure: Measure, score: Score): number | readonly number[] | null => {
  if (measure.kind === 'scalar') {
    const value = measure.of(score);
    return Number.isFinite(value) ? value : null;
  }
  const counts = measure.of(score);
  const sum = counts.reduce((all, each) => all + each, 0);
  return sum === 0 ? null : counts.map((count) => count / sum);
};
