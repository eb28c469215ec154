/** Points of a density. */
const POINTS = 512;
/** Bandwidths that the grid goes beyond the samples: less than 1 in 10⁴ of a Gaussian lies further out. */
const MARGIN = 4;
/** Keeps the logarithm of a divergence finite where a density is practically 0. */
const LEAST = 1e-12;
/** Samples that lie closer than this share of their size (or of 1) differ by rounding only. */
const ROUNDING = 1e-9;

/** A probability density on points `from + i * step`; it sums to 1 over them, times `step`. */
export interface Density {
  readonly from: number;
  readonly step: number;
  readonly at: Float64Array;
}

/** Scott's bandwidth of samples in one dimension (Scott 1992), as SciPy's `gaussian_kde` has it; 0 where all are the same. */
const bandwidth = (samples: Float64Array): number => {
  const mean = samples.reduce((sum, each) => sum + each, 0) / samples.length;
  const variance = samples.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, samples.length - 1);
  return Math.sqrt(variance) * samples.length ** -0.2;
};

/**
 * Gaussian kernel density estimates of several sets of samples, none of them empty, on one grid that holds them all, so that they can
 * be compared point by point. A bandwidth is never under a step of the grid: samples that are all the same make a narrow peak.
 */
export const densitiesOf = (sets: readonly Float64Array[]): Density[] => {
  const widths = sets.map(bandwidth);
  const margin = MARGIN * Math.max(...widths);
  const low = sets.reduce((least, set) => set.reduce((a, b) => Math.min(a, b), least), Infinity) - margin;
  const high = sets.reduce((most, set) => set.reduce((a, b) => Math.max(a, b), most), -Infinity) + margin;
  const span = high - low > ROUNDING * Math.max(1, Math.abs(low), Math.abs(high)) ? high - low : 1;
  // A peak on the very edge would lose its half.
  const step = span / (POINTS - 1 - 2 * MARGIN);
  const from = low - MARGIN * step;
  return sets.map((set, i) => ({ from, step, at: smoothed(binned(set, from, step), Math.max(widths[i] as number, step) / step, step) }));
};

/** Each sample shared between the two points it lies between: the error that is left falls with the square of the step. */
const binned = (samples: Float64Array, from: number, step: number): Float64Array => {
  const weights = new Float64Array(POINTS);
  for (const sample of samples) {
    const place = (sample - from) / step;
    const left = Math.min(POINTS - 2, Math.floor(place));
    const right = place - left;
    weights[left] = (weights[left] as number) + 1 - right;
    weights[left + 1] = (weights[left + 1] as number) + right;
  }
  return weights;
};

const smoothed = (weights: Float64Array, width: number, step: number): Float64Array => {
  const reach = Math.min(POINTS - 1, Math.ceil(6 * width));
  const kernel = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-0.5 * (i / width) ** 2));
  const at = new Float64Array(POINTS);
  weights.forEach((weight, i) => {
    if (weight === 0) return;
    for (let j = Math.max(0, i - reach); j <= Math.min(POINTS - 1, i + reach); j++) at[j] = (at[j] as number) + weight * (kernel[Math.abs(i - j)] as number);
  });
  const sum = at.reduce((all, each) => all + each, 0) * step;
  return at.map((each) => each / sum);
};

/** The area under both of two densities of one grid: 1 where they are the same, 0 where they have nothing in common. */
export const overlapOf = (p: Density, q: Density): number => p.at.reduce((sum, each, i) => sum + Math.min(each, q.at[i] as number), 0) * p.step;

/** The Kullback-Leibler divergence D(p ‖ q) in nats of two densities of one grid; where q is below 10⁻¹² it counts as that. */
export const divergenceOf = (p: Density, q: Density): number => Math.max(0, divergence(p, q));

const divergence = (p: Density, q: Density): number =>
  p.at.reduce((sum, each, i) => (each > 0 ? sum + each * Math.log(each / Math.max(LEAST, q.at[i] as number)) : sum), 0) * p.step;
