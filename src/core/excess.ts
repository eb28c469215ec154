import { coinAt, keyOf } from './rng.ts';
import { percentiles, quantile, type Percentiles } from './statistics.ts';

/** By how much one set of durations lies over another, percentile by percentile, in their unit. */
export interface Excess extends Percentiles {
  /** Between what the difference of the p99s lies, with 95 % confidence. */
  readonly p99Between: readonly [low: number, high: number];
}

const RESAMPLINGS = 1000;
const SEED = 99;

/**
 * How far `whole` lies over `base`. Each of their members is one trial with its durations (a struck chord with the times of its notes):
 * what happens within a trial happens together, so trials are what is drawn again (bootstrap of clusters; Efron and Tibshirani 1993, 13).
 */
export const excess = (whole: readonly (readonly number[])[], base: readonly (readonly number[])[]): Excess => {
  const [a, b] = [percentiles(whole.flat()), percentiles(base.flat())];
  const differences = Float64Array.from({ length: RESAMPLINGS }, (_, i) => p99Again(whole, keyOf(SEED, i, 0)) - p99Again(base, keyOf(SEED, i, 1))).sort();
  const p99Between = [quantile(differences, 0.025), quantile(differences, 0.975)] as const;
  return { count: a.count, p50: a.p50 - b.p50, p95: a.p95 - b.p95, p99: a.p99 - b.p99, max: a.max - b.max, p99Between };
};

/** The p99 of as many trials, drawn again with replacement. */
const p99Again = (trials: readonly (readonly number[])[], key: number): number =>
  quantile(Float64Array.from(trials.flatMap((_, n) => trials[Math.floor(coinAt(key, n) * trials.length)] as readonly number[])).sort(), 0.99);
