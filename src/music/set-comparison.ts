import { densitiesOf, divergenceOf, overlapOf, type Density } from '../core/density.ts';
import { coins, keyOf, shuffled } from '../core/rng.ts';
import { mean } from '../core/statistics.ts';
import type { Measured, MeasureName } from './measures.ts';
import { among, distancesBetween, within, type Distances, type Value } from './set-distances.ts';

/** A set of pieces by one measure. */
export interface SetSummary {
  /** Pieces that the measure says something of. */
  readonly pieces: number;
  readonly mean: Value | null;
  /** Standard deviation over the pieces; of a histogram, of each bin. */
  readonly deviation: Value | null;
}

/** How alike two lists of distances are. */
export interface Closeness {
  /** Overlapping area of their densities, 0 to 1. */
  readonly overlap: number;
  /** Kullback-Leibler divergence in nats, from the first to the second. */
  readonly kl: number;
}

/** Two sets beside each other by one measure. */
export interface Comparison extends Closeness {
  /** What two halves of the reference have in common, judged in the same way: what there is to reach. */
  readonly intra: Closeness;
  /** Overlapping area over that of the reference with itself, both on sets of one size: 1 where nothing tells the sets apart. */
  readonly ratio: number;
  /** Overlapping area of the distances within the other set and within the reference: low where one is more of a sort than the other. Null for a set of one piece. */
  readonly variety: number | null;
}

/** The densities of the distances within the reference, within the other set, and between the two, on one grid. */
export interface DistanceDensities {
  readonly reference: Density;
  readonly other: Density | null;
  readonly between: Density;
}

export interface ComparedMeasure {
  readonly other: SetSummary;
  readonly reference: SetSummary;
  /** Null where there are too few pieces to compare: four of the reference and one other. */
  readonly comparison: Comparison | null;
  readonly densities: DistanceDensities | null;
}

/** How often the reference is halved. */
const SPLITS = 10;
/** The least pieces of the reference that can be halved and still have a distance within each half. */
const LEAST = 4;

/**
 * Compares a set with a reference by every measure, after Yang and Lerch (2018): Gaussian densities of the distances from each
 * piece of the reference to its others, and of those from each of its pieces to each of the other set; then their overlapping area and
 * Kullback-Leibler divergence.
 *
 * How much two sets overlap that are of one kind hangs on the measure and on how many pieces there are, so an area says little by
 * itself. Beside it stands what the reference reaches with itself: it is halved at random, and one half is judged as
 * another set would be, against the other half; the mean of ten halvings by `seed`. `ratio` sets the other set against the very same
 * halves, as many of its pieces as a half has where there are so many, so that neither side gains by its size.
 */
export const compareSets = (others: readonly Measured[], references: readonly Measured[], measures: readonly { readonly name: MeasureName }[], seed: number): Record<MeasureName, ComparedMeasure> =>
  Object.fromEntries(measures.map(({ name }) => [name, compared(valuesOf(others, name), valuesOf(references, name), seed)])) as Record<MeasureName, ComparedMeasure>;

const valuesOf = (pieces: readonly Measured[], name: MeasureName): Value[] => pieces.map((piece) => piece[name]).filter((value) => value !== null);

const compared = (others: readonly Value[], references: readonly Value[], seed: number): ComparedMeasure => {
  const summaries = { other: summaryOf(others), reference: summaryOf(references) };
  if (references.length < LEAST || others.length === 0) return { ...summaries, comparison: null, densities: null };
  const inside = distancesBetween(references, references);
  const between = distancesBetween(references, others);
  const all = { references: references.map((_, i) => i), others: others.map((_, i) => i) };

  const intra = within(inside, all.references);
  const inter = among(between, all.references, all.others);
  const own = others.length > 1 ? within(distancesBetween(others, others), all.others) : null;
  const [reference, betweenSets, other = null] = densitiesOf([intra, inter, ...(own ? [own] : [])]) as [Density, Density, Density?];

  const halvings = Array.from({ length: SPLITS }, (_, i) => halved(inside, between, all, keyOf(seed, i)));
  const itself = { overlap: mean(halvings.map(({ self }) => self.overlap)), kl: mean(halvings.map(({ self }) => self.kl)) };
  return {
    ...summaries,
    comparison: { ...closeness(intra, inter), intra: itself, ratio: mean(halvings.map(({ against }) => against.overlap)) / itself.overlap, variety: own && closeness(intra, own).overlap },
    densities: { reference, other, between: betweenSets },
  };
};

const closeness = (intra: Float64Array, inter: Float64Array): Closeness => {
  const [p, q] = densitiesOf([intra, inter]) as [Density, Density];
  return { overlap: overlapOf(p, q), kl: divergenceOf(p, q) };
};

interface Pieces {
  readonly references: readonly number[];
  readonly others: readonly number[];
}

/** One half of the reference beside its other half, and beside as many of the other set. */
const halved = (inside: Distances, between: Distances, { references, others }: Pieces, key: number): { readonly self: Closeness; readonly against: Closeness } => {
  const order = shuffled(references, coins(key));
  const half = order.slice(0, Math.floor(order.length / 2));
  const rest = order.slice(half.length);
  const intra = within(inside, half);
  return {
    self: closeness(intra, among(inside, half, rest)),
    against: closeness(intra, among(between, half, shuffled(others, coins(keyOf(key, 1))).slice(0, rest.length))),
  };
};

const summaryOf = (values: readonly Value[]): SetSummary => {
  if (values.length === 0) return { pieces: 0, mean: null, deviation: null };
  if (typeof values[0] === 'number') return { pieces: values.length, ...spread(values as readonly number[]) };
  const bins = (values[0] as readonly number[]).map((_, i) => spread(values.map((value) => (value as readonly number[])[i] as number)));
  return { pieces: values.length, mean: bins.map((bin) => bin.mean), deviation: bins.map((bin) => bin.deviation) };
};

const spread = (values: readonly number[]): { readonly mean: number; readonly deviation: number } => {
  const middle = mean(values);
  return { mean: middle, deviation: Math.sqrt(mean(values.map((value) => (value - middle) ** 2))) };
};
