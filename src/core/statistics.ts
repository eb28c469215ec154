/** The value below which the share `q` (0 to 1) of `sorted` lies (nearest rank); NaN when empty. */
export const quantile = (sorted: ArrayLike<number>, q: number): number =>
  sorted.length === 0 ? NaN : (sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] as number);

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** p50, p95, p99 and maximum of `values`, in their unit. */
export const percentiles = (values: readonly number[]): Percentiles => {
  const sorted = Float64Array.from(values).sort();
  return { count: sorted.length, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99), max: quantile(sorted, 1) };
};

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How far values of a sample lie from their mean, in their unit (over n − 1); 0 for fewer than two. */
export const standardDeviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1));
};

/** The middle value; NaN when empty. */
export const median = (values: readonly number[]): number => quantile(Float64Array.from(values).sort(), 0.5);

/**
 * A histogram of durations with a bounded relative error of about 4 %, in the manner of HdrHistogram:
 * 18 buckets an octave from 1 µs to 70 s. Realtime-safe: yes.
 */
export class Histogram {
  private static readonly PER_OCTAVE = 18;
  private static readonly FLOOR = 0.001;
  readonly counts = new Float64Array(26 * Histogram.PER_OCTAVE + 2);
  count = 0;
  sum = 0;
  max = 0;

  /** @param value milliseconds; below 1 µs counts as the first bucket */
  record(value: number): void {
    this.count++;
    this.sum += value;
    if (value > this.max) this.max = value;
    const at = value <= Histogram.FLOOR ? 0 : 1 + Math.floor(Math.log2(value / Histogram.FLOOR) * Histogram.PER_OCTAVE);
    const bucket = Math.min(at, this.counts.length - 1);
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
  }

  /** The upper edge of the bucket that holds quantile `q`, in milliseconds; NaN when empty. */
  quantile(q: number): number {
    if (this.count === 0) return NaN;
    let left = Math.ceil(q * this.count);
    for (let i = 0; i < this.counts.length; i++) {
      left -= this.counts[i] as number;
      if (left <= 0) return Math.min(this.max, i === 0 ? Histogram.FLOOR : Histogram.FLOOR * 2 ** (i / Histogram.PER_OCTAVE));
    }
    return this.max;
  }

  /** How many took no longer than `value` milliseconds: exact where that is a power of two of microseconds. */
  upTo(value: number): number {
    const edge = Math.round(Math.log2(value / Histogram.FLOOR) * Histogram.PER_OCTAVE);
    let sum = 0;
    for (let i = 0; i <= edge && i < this.counts.length; i++) sum += this.counts[i] as number;
    return sum;
  }

  get percentiles(): Percentiles {
    return { count: this.count, p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99), max: this.count === 0 ? NaN : this.max };
  }
}
