import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { Histogram, mean, median, percentiles, quantile, standardDeviation } from '../../src/core/statistics.ts';

describe('quantiles', () => {
  it('are nearest ranks', () => {
    const sorted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect([0, 0.1, 0.11, 0.5, 0.95, 1].map((q) => quantile(sorted, q))).toEqual([1, 1, 2, 5, 10, 10]);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('sort what they are given, by number', () => {
    expect(percentiles([100, 9, 80])).toEqual({ count: 3, p50: 80, p95: 100, p99: 100, max: 100 });
    expect(median([10, 9, 100])).toBe(10);
    expect(mean([1, 2, 6])).toBe(3);
    expect([standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]) ** 2, standardDeviation([3]), standardDeviation([1, 3])]).toEqual([expect.closeTo(32 / 7, 12), 0, Math.SQRT2]);
  });
});

describe('Histogram', () => {
  it('is within 4 % of the exact quantile, above it, from microseconds to minutes', () => {
    const coin = coins(keyOf(1));
    const values = Array.from({ length: 5000 }, () => 10 ** (coin() * 7 - 2.9));
    const histogram = new Histogram();
    for (const value of values) histogram.record(value);
    const sorted = Float64Array.from(values).sort();
    for (const q of [0.01, 0.25, 0.5, 0.95, 0.99, 0.999]) {
      const ratio = histogram.quantile(q) / quantile(sorted, q);
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThan(1.04);
    }
    expect(histogram.percentiles.max).toBe(sorted.at(-1));
    expect(histogram.count).toBe(5000);
  });

  it('takes zero, less than nothing and far too much', () => {
    const histogram = new Histogram();
    for (const value of [0, -1, 0.0005, 1e9]) histogram.record(value);
    expect(histogram.quantile(0.5)).toBe(0.001);
    expect(histogram.max).toBe(1e9);
    expect(histogram.counts.reduce((sum, n) => sum + n)).toBe(4);
  });

  it('has no quantile when empty', () => {
    expect(new Histogram().percentiles).toEqual({ count: 0, p50: NaN, p95: NaN, p99: NaN, max: NaN });
  });
});
