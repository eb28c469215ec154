import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coins } from '../../src/core/rng.ts';
import { logProbability, pick, type Bias, type Choice } from '../../src/model/sampling.ts';

const ALL: Choice = { temperature: 1, topK: 0, topP: 1 };
/** Probabilities 1/10, 2/10, 3/10, 4/10, whatever is added to all logits. */
const TENTHS = Float32Array.from([1, 2, 3, 4], (share) => Math.log(share) + 7);

const drawn = (logits: Float32Array, choice: Choice, draws: number, bias?: Bias): number[] => {
  const coin = coins(5);
  const counts = Array.from(logits, () => 0);
  for (let i = 0; i < draws; i++) {
    const symbol = pick(logits, choice, coin(), bias);
    counts[symbol] = (counts[symbol] as number) + 1;
  }
  return counts.map((count) => count / draws);
};
const near = (shares: readonly number[]): unknown[] => shares.map((share) => (share === 0 ? 0 : expect.closeTo(share, 1.7)));

describe('picking a symbol', () => {
  it('lays the coin along the probabilities, in their order', () => {
    expect([0, 0.099, 0.101, 0.299, 0.301, 0.599, 0.601, 0.9999].map((coin) => pick(TENTHS, ALL, coin))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it('lays it from the likeliest down where some are left out', () => {
    const two = { ...ALL, topK: 2 }; // 4/7, 3/7
    expect([0, 0.571, 0.572, 0.9999].map((coin) => pick(TENTHS, two, coin))).toEqual([3, 3, 2, 2]);
    expect([0, 0.9999].map((coin) => pick(TENTHS, { ...ALL, topK: 1 }, coin))).toEqual([3, 3]);
  });

  it('keeps the fewest that reach top-p, at least one', () => {
    expect(drawn(TENTHS, { ...ALL, topP: 0.69 }, 10_000)).toEqual(near([0, 0, 3 / 7, 4 / 7]));
    expect(drawn(TENTHS, { ...ALL, topP: 0.71 }, 10_000)).toEqual(near([0, 2 / 9, 3 / 9, 4 / 9]));
    expect(drawn(TENTHS, { ...ALL, topP: 0 }, 100)).toEqual([0, 0, 0, 1]);
    expect(drawn(TENTHS, { ...ALL, topK: 2, topP: 0.95 }, 10_000)).toEqual(near([0, 0, 3 / 7, 4 / 7]));
  });

  it('draws in proportion over many coins', () => {
    expect(drawn(TENTHS, ALL, 40_000)).toEqual(near([0.1, 0.2, 0.3, 0.4]));
  });

  it('sharpens and flattens with temperature', () => {
    expect(drawn(TENTHS, { ...ALL, temperature: 0.5 }, 40_000)).toEqual(near([1 / 30, 4 / 30, 9 / 30, 16 / 30]));
    expect(drawn(TENTHS, { ...ALL, temperature: 1e6 }, 40_000)).toEqual(near([0.25, 0.25, 0.25, 0.25]));
    expect(drawn(TENTHS, { ...ALL, temperature: 1e-6 }, 100)).toEqual([0, 0, 0, 1]);
  });

  it('adds the bias before the temperature, and rules out what it makes impossible', () => {
    expect(drawn(TENTHS, { ...ALL, temperature: 2 }, 40_000, (symbol) => Math.log([16, 8, 0, 4][symbol] as number))).toEqual(near([1 / 3, 1 / 3, 0, 1 / 3]));
  });

  it('gives -1 when nothing is allowed', () => {
    expect(pick(TENTHS, ALL, 0.5, () => -Infinity)).toBe(-1);
    expect(pick(new Float32Array([NaN, -Infinity]), ALL, 0.5)).toBe(-1);
    expect(pick(new Float32Array(0), ALL, 0.5)).toBe(-1);
  });

  it('never draws what is ruled out, whatever the logits, choice and coin', () => {
    const task = fc.record({
      logits: fc.array(fc.float({ min: -90, max: 90, noNaN: true }), { minLength: 1, maxLength: 600 }),
      temperature: fc.double({ min: 0.01, max: 5, noNaN: true }),
      topK: fc.nat(9),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
      coin: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      modulus: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(fc.property(task, ({ logits, coin, modulus, ...choice }) => {
      const symbol = pick(Float32Array.from(logits), choice, coin, (each) => (each % modulus === 0 ? 0 : -Infinity));
      expect(symbol).toBeGreaterThanOrEqual(0);
      expect(symbol % modulus).toBe(0);
      if (choice.topK > 0) {
        const likelier = logits.filter((logit, i) => i % modulus === 0 && logit > (logits[symbol] as number) + 1e-9).length;
        expect(likelier).toBeLessThan(choice.topK);
      }
    }), { seed: 3, numRuns: 1000 });
  });
});

describe('the probability of a symbol', () => {
  it('is that of the softmax', () => {
    expect([0, 1, 2, 3].map((symbol) => Math.exp(logProbability(TENTHS, symbol)))).toEqual([0.1, 0.2, 0.3, 0.4].map((share) => expect.closeTo(share, 6)));
    expect(logProbability(new Float32Array([1000, 1000]), 1)).toBeCloseTo(-Math.LN2, 12);
  });
});
