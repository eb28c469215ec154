import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { densitiesOf, divergenceOf, overlapOf, type Density } from '../../src/core/density.ts';

const pair = (a: readonly number[], b: readonly number[]): readonly [Density, Density] => densitiesOf([Float64Array.from(a), Float64Array.from(b)]) as [Density, Density];
const sums = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('densities', () => {
  it('are those of SciPy, and so are overlap and divergence', () => {
    // p, q = gaussian_kde(a), gaussian_kde(b), summed over linspace(-10, 20, 300001); SciPy 1.17.1.
    const [p, q] = pair(Array.from({ length: 40 }, (_, i) => ((i * i) % 17) / 3), Array.from({ length: 60 }, (_, i) => ((i * i) % 23) / 4 + 1));
    expect(overlapOf(p, q)).toBeCloseTo(0.77599, 3);
    expect(divergenceOf(p, q)).toBeCloseTo(0.45464, 3);
    expect(divergenceOf(q, p)).toBeCloseTo(0.19001, 3);
  });

  it('of one set are one density: overlap 1, divergence 0', () => {
    fc.assert(fc.property(sums, (values) => {
      const [p, q] = pair(values, values);
      expect(overlapOf(p, q)).toBeCloseTo(1, 9);
      expect(divergenceOf(p, q)).toBeCloseTo(0, 9);
    }), { seed: 1, numRuns: 100 });
  });

  it('overlap as much one way as the other, by at least 0 and at most 1, and diverge by no less than 0', () => {
    fc.assert(fc.property(sums, sums, (a, b) => {
      const [p, q] = pair(a, b);
      expect(overlapOf(p, q)).toBe(overlapOf(q, p));
      expect(overlapOf(p, q) >= 0 && overlapOf(p, q) <= 1 + 1e-9).toBe(true);
      expect(divergenceOf(p, q)).toBeGreaterThan(-1e-6);
    }), { seed: 2, numRuns: 100 });
  });

  it('do not hang on the unit', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 3 }), fc.uniqueArray(fc.integer({ min: 50, max: 149 }), { minLength: 3 }), (a, b) => {
      const [p, q] = pair(a, b);
      const [r, s] = pair(a.map((each) => 8 * each), b.map((each) => 8 * each));
      expect(overlapOf(r, s)).toBeCloseTo(overlapOf(p, q), 6);
    }), { seed: 3, numRuns: 100 });
  });

  it('of values that are all the same are peaks: the same or nothing in common', () => {
    expect(overlapOf(...pair([3, 3, 3], [3, 3]))).toBeCloseTo(1, 9);
    expect(overlapOf(...pair([3, 3, 3], [4, 4]))).toBeLessThan(1e-6);
    expect(divergenceOf(...pair([3, 3, 3], [4, 4]))).toBeGreaterThan(20);
    expect(overlapOf(...pair([0, 0, 0], [0, 1, 2, 3, 4]))).toBeLessThan(0.2);
  });
});
