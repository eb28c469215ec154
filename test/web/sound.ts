/** Root mean square of samples: their level, 1 for a full square wave. */
export const levelOf = (samples: readonly number[]): number => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/**
 * The fundamental in Hz, by the first high peak of the normalised autocorrelation (McLeod and Wyvill 2005), between
 * 50 and 2000 Hz, refined by a parabola through the peak.
 */
export const fundamentalOf = (samples: readonly number[], rate: number): number => {
  const shortest = Math.floor(rate / 2000);
  const longest = Math.ceil(rate / 50);
  const size = samples.length - longest - 1;
  const likeness = Float64Array.from({ length: longest + 2 }, (_, lag) => {
    let product = 0;
    let energy = 0;
    for (let i = 0; i < size; i++) {
      const [one, two] = [samples[i] as number, samples[i + lag] as number];
      product += one * two;
      energy += one * one + two * two;
    }
    return energy > 0 ? (2 * product) / energy : 0;
  });
  const at = (lag: number): number => likeness[lag] as number;
  const peaks = [];
  for (let lag = shortest; lag <= longest; lag++) if (at(lag) > at(lag - 1) && at(lag) >= at(lag + 1)) peaks.push(lag);
  const highest = Math.max(...peaks.map(at));
  const lag = peaks.find((peak) => at(peak) > 0.93 * highest) ?? NaN;
  const [before, here, after] = [at(lag - 1), at(lag), at(lag + 1)];
  return rate / (lag + (before - after) / (2 * (before - 2 * here + after)));
};

/** Strength of one frequency in samples (Goertzel 1958). */
export const strengthAt = (samples: readonly number[], rate: number, frequency: number): number => {
  const turn = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  let [one, two] = [0, 0];
  samples.forEach((sample, i) => {
    // A Hann window, so that strong neighbours do not leak.
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length);
    [one, two] = [sample * window + turn * one - two, one];
  });
  return Math.sqrt(Math.max(0, one * one + two * two - turn * one * two)) / (samples.length / 4);
};
