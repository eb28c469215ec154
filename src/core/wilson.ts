/** A share and the interval it lies in. */
export interface Interval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Standard deviations either side of a normal distribution's middle that hold 95 %. */
const Z95 = 1.959963984540054;

/** The share of successes among trials with its 95 % confidence interval by Wilson's score (Wilson 1927); with no trials NaN within 0 to 1. */
export const wilson = (successes: number, trials: number, z = Z95): Interval => {
  if (trials === 0) return { share: NaN, low: 0, high: 1 };
  const share = successes / trials;
  const middle = share + (z * z) / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return { share, low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
};
