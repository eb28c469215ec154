import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, halfOf } from '../../src/model/float16.ts';

/** Every finite half, in order of value: 0 is one of them, twice. */
const positive = Array.from({ length: 0x7c00 }, (_, bits) => fromHalf(bits));

/** Nearest half by search, ties to the even one, overflow from halfway past the largest: what IEEE 754 asks for. */
const nearest = (value: number): number => {
  const x = Math.abs(Math.fround(value));
  const sign = Object.is(Math.sign(value), -0) || value < 0 ? 0x8000 : 0;
  if (Number.isNaN(value)) return 0x7e00;
  if (x >= 65520) return sign | 0x7c00;
  let low = 0;
  let high = positive.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((positive[middle] as number) <= x) low = middle;
    else high = middle - 1;
  }
  const [below, above] = [x - (positive[low] as number), (positive[low + 1] ?? 65536) - x];
  return sign | (below < above || (below === above && low % 2 === 0) ? low : low + 1);
};

describe('half precision', () => {
  it('brings all 65,536 halves back', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 65_536; bits++) {
      const nan = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      const value = fromHalf(bits);
      if (nan ? !(Number.isNaN(value) && Number.isNaN(fromHalf(halfOf(value)))) : halfOf(value) !== bits || Math.fround(value) !== value) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it.each([[0, 0], [1, 0x3c00], [-2, 0xc000], [65504, 0x7bff], [65519.996, 0x7bff], [65520, 0x7c00], [-1e9, 0xfc00], [2 ** -24, 1], [2 ** -25, 0], [2 ** -25 * 1.0001, 1], [3 * 2 ** -25, 2], [2 ** -14, 0x400], [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [Infinity, 0x7c00], [-0, 0x8000]])('writes %d as %i', (value, bits) => {
    expect(halfOf(value)).toBe(bits);
  });

  it('rounds to the nearest, ties to even', () => {
    const value = fc.oneof(
      fc.float({ noNaN: true }),
      fc.float({ min: -70_000, max: 70_000, noNaN: true }),
      fc.float({ min: -Math.fround(1e-4), max: Math.fround(1e-4), noNaN: true }),
      fc.nat(0x7bfe).map((bits) => (fromHalf(bits) + fromHalf(bits + 1)) / 2), // exactly halfway
    );
    fc.assert(fc.property(value, (x) => {
      expect(halfOf(x)).toBe(nearest(x));
    }), { seed: 1, numRuns: 20_000 });
  });
});
