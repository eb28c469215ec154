import { describe, expect, it } from 'vitest';
import { ContinuousCache, softmax } from '../../src/model/cache.ts';

const top = (...values: readonly number[]): Float32Array => Float32Array.from(values);
const NONE = [-1, -1];

/** Outputs of two units and events of two parts: after (1, 0) came [0, 0], after (0, 1) came [1, 2]; the present is like the first. */
const remembering = (window = 4): ContinuousCache => {
  const cache = new ContinuousCache(window, 2, 2);
  cache.feed([9, 9], top(1, 0)); // the start, after which nothing is stored
  cache.feed([0, 0], top(0, 1));
  cache.feed([1, 2], top(2, 0));
  return cache;
};

describe('the continuous cache', () => {
  it('votes by likeness, exactly', () => {
    const cache = remembering();
    const shares = [Math.E ** 2, 1].map((vote) => vote / (Math.E ** 2 + 1)); // inner products 2 and 0
    expect([0, 1, 2].map((symbol) => cache.shareOf(symbol, 3, 0, NONE, 1))).toEqual([expect.closeTo(shares[0] as number, 12), expect.closeTo(shares[1] as number, 12), 0]);
    const mixed = Float64Array.from([0.5, 0.25, 0.25]);
    cache.mix(mixed, 0, NONE, { weight: 0.2, sharpness: 1 });
    expect([...mixed]).toEqual([0.4 + 0.2 * (shares[0] as number), 0.2 + 0.2 * (shares[1] as number), 0.2].map((value) => expect.closeTo(value, 12) as number));
  });

  it('with no sharpness counts, and with much of it takes the likest', () => {
    expect(remembering().shareOf(1, 3, 0, NONE, 0)).toBe(0.5);
    expect(remembering().shareOf(0, 3, 0, NONE, 50)).toBeCloseTo(1, 12);
  });

  it('hears only what agrees with what is given, and not symbols that cannot be asked', () => {
    const cache = remembering();
    expect(cache.shareOf(2, 3, 1, [1, -1], 1)).toBe(1);
    expect(cache.shareOf(0, 3, 1, [1, -1], 1)).toBe(0);
    expect(cache.shareOf(0, 3, 1, [2, -1], 1)).toBeNull();
    expect(cache.shareOf(0, 2, 1, NONE, 1)).toBe(1); // the other event's symbol, 2, is none of two
  });

  it('changes nothing with no weight, with nothing heard, and where nothing agrees', () => {
    const before = [0.5, 0.3, 0.2];
    for (const [cache, given, weight] of [[remembering(), NONE, 0], [new ContinuousCache(4, 2, 2), NONE, 0.5], [remembering(), [-1, 1], 0.5]] as const) {
      const probabilities = Float64Array.from(before);
      cache.mix(probabilities, 0, given, { weight, sharpness: 1 });
      expect([...probabilities]).toEqual(before);
    }
  });

  it('keeps its window and forgets the oldest', () => {
    const cache = remembering(2);
    expect(cache.shareOf(0, 3, 0, NONE, 0)).toBe(0.5);
    cache.feed([2, 1], top(1, 1));
    expect([0, 1, 2].map((symbol) => cache.shareOf(symbol, 3, 0, NONE, 0))).toEqual([0, 0.5, 0.5]);
  });

  it('compares with the present, whatever was asked before', () => {
    const cache = remembering();
    cache.shareOf(0, 3, 0, NONE, 1);
    cache.feed([0, 0], top(0, 3));
    const fresh = remembering();
    fresh.feed([0, 0], top(0, 3));
    expect(cache.shareOf(1, 3, 0, NONE, 1)).toBe(fresh.shareOf(1, 3, 0, NONE, 1));
  });

  it('forks into one that goes its own way', () => {
    const cache = remembering();
    const before = cache.shareOf(0, 3, 0, NONE, 1);
    const fork = cache.fork();
    expect(fork.shareOf(0, 3, 0, NONE, 1)).toBe(before);
    fork.feed([2, 2], top(5, 5));
    expect(cache.shareOf(0, 3, 0, NONE, 1)).toBe(before);
    expect(fork.shareOf(0, 3, 0, NONE, 1)).not.toBe(before);
    fork.copy(cache);
    expect(fork.shareOf(0, 3, 0, NONE, 1)).toBe(before);
  });

  it('takes logits of any size', () => {
    expect([...softmax([1000, 1000])]).toEqual([0.5, 0.5]);
    expect(softmax([0, Math.log(3)])[1]).toBeCloseTo(0.75, 12);
  });
});
