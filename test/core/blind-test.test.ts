import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blindPairs, preferredOf, tallyOf } from '../../src/core/blind-test.ts';
import { wilson } from '../../src/core/wilson.ts';

describe("Wilson's interval", () => {
  it.each([[8, 10, 0.8, 0.4901625, 0.9433178], [0, 10, 0, 0, 0.2775328], [50, 100, 0.5, 0.4038315, 0.5961685], [1, 1, 1, 0.2065493, 1]])('of %i among %i', (successes, trials, share, low, high) => {
    const interval = wilson(successes, trials);
    expect(interval.share).toBe(share);
    expect(interval.low).toBeCloseTo(low, 6);
    expect(interval.high).toBeCloseTo(high, 6);
  });
  it('of nothing is everything', () => expect(wilson(0, 0)).toEqual({ share: NaN, low: 0, high: 1 }));
  it('holds the share, and narrows with trials', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }).chain((trials) => fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials))), ([successes, trials]) => {
      const [few, many] = [wilson(successes, trials), wilson(10 * successes, 10 * trials)];
      expect(few.low <= few.share + 1e-12 && few.share <= few.high + 1e-12).toBe(true);
      expect(many.high - many.low).toBeLessThan(few.high - few.low);
    }), { seed: 1, numRuns: 200 });
  });
});

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('a blind test', () => {
  it('pairs each piece once, the same by the same seed, either side first', () => {
    const pairs = blindPairs(names('a', 60), names('b', 80), 50, 1);
    expect([pairs.length, new Set(pairs.map(({ a }) => a)).size, new Set(pairs.map(({ b }) => b)).size]).toEqual([50, 50, 50]);
    expect(pairs.filter(({ first }) => first === 'a').length).toBeGreaterThan(15);
    expect(pairs.filter(({ first }) => first === 'b').length).toBeGreaterThan(15);
    expect(blindPairs(names('a', 60), names('b', 80), 50, 1)).toEqual(pairs);
    expect(blindPairs(names('a', 60), names('b', 80), 50, 2)).not.toEqual(pairs);
    expect(blindPairs(names('a', 3), names('b', 80), 50, 1)).toHaveLength(3);
  });

  it('knows what was meant', () => {
    const pair = { id: 0, a: 'x', b: 'y' };
    expect((['first', 'second', 'same'] as const).map((choice) => [preferredOf({ ...pair, first: 'a' }, choice), preferredOf({ ...pair, first: 'b' }, choice)])).toEqual([['a', 'b'], ['b', 'a'], ['same', 'same']]);
  });

  it('counts, no difference apart', () => {
    expect(tallyOf(['a', 'same', 'a', 'b'])).toEqual({ votes: 4, a: 2, b: 1, same: 1, preference: wilson(2, 3) });
  });
});
