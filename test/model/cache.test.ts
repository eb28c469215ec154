import { describe, expect, it } from 'vitest';
import { ContinuousCache, softmax } from '../../src/model/cache.ts';

const top = (...values: readonly number[]): Float32Array => Float32Array.from(values);
const NONE = [-1, -1];
/** The share of its weight that a vote has where nothing before the present is as it was then. */
const ALIKE_ONLY = 0.1;

/** Outputs of two units and events of two parts: after (1, 0) came [0, 0], after (0, 1) came [1, 2]; the present is like the first. */
const remembering = (window = 4): ContinuousCache => {
  const cache = new ContinuousCache(window, 2, 2);
  cache.feed([9, 9], top(1, 0)); // the start, after which nothing is stored
  cache.feed([0, 0], top(0, 1));
  cache.feed([1, 2], top(2, 0));
  return cache;
};

/** A cache that heard a line of symbols, none like another in its outputs. */
const heard = (line: readonly number[], window = 64): ContinuousCache => {
  const cache = new ContinuousCache(window, 1, 1);
  for (const symbol of [99, ...line]) cache.feed([symbol], top(0));
  return cache;
};

const shareOf = (cache: ContinuousCache, ...asked: Parameters<ContinuousCache['recalled']>): number | null => cache.recalled(...asked)?.share ?? null;

describe('the continuous cache', () => {
  it('votes by likeness, exactly', () => {
    const cache = remembering();
    const shares = [Math.E ** 2, 1].map((vote) => vote / (Math.E ** 2 + 1)); // inner products 2 and 0
    expect([0, 1, 2].map((symbol) => shareOf(cache, symbol, 3, 0, NONE, 1))).toEqual([expect.closeTo(shares[0] as number, 12), expect.closeTo(shares[1] as number, 12), 0]);
    const mixed = Float64Array.from([0.5, 0.25, 0.25]);
    const counts = 0.2 * ALIKE_ONLY;
    cache.mix(mixed, 0, NONE, { weight: 0.2, sharpness: 1 });
    expect([...mixed]).toEqual([0.5 * (1 - counts) + counts * (shares[0] as number), 0.25 * (1 - counts) + counts * (shares[1] as number), 0.25 * (1 - counts)].map((value) => expect.closeTo(value, 12) as number));
  });

  it('with no sharpness counts, and with much of it takes the likest', () => {
    expect(shareOf(remembering(), 1, 3, 0, NONE, 0)).toBe(0.5);
    expect(shareOf(remembering(), 0, 3, 0, NONE, 50)).toBeCloseTo(1, 12);
  });

  it('hears only what agrees with what is given, and not symbols that cannot be asked', () => {
    const cache = remembering();
    expect(shareOf(cache, 2, 3, 1, [1, -1], 1)).toBe(1);
    expect(shareOf(cache, 0, 3, 1, [1, -1], 1)).toBe(0);
    expect(shareOf(cache, 0, 3, 1, [2, -1], 1)).toBeNull();
    expect(shareOf(cache, 0, 2, 1, NONE, 1)).toBe(1); // the other event's symbol, 2, is none of two
  });

  it('changes nothing with no weight, with nothing heard, and where nothing agrees', () => {
    const before = [0.5, 0.3, 0.2];
    for (const [cache, given, weight] of [[remembering(), NONE, 0], [new ContinuousCache(4, 2, 2), NONE, 0.5], [remembering(), [-1, 1], 0.5]] as const) {
      const probabilities = Float64Array.from(before);
      cache.mix(probabilities, 0, given, { weight, sharpness: 1 });
      expect([...probabilities]).toEqual(before);
    }
  });

  it('is the surer, and votes the more for what followed then, the longer what came before is as it was then', () => {
    // After 1 2 3 came 4, after 9 3 came 5; before the present came 1 2 3 too.
    const cache = heard([1, 2, 3, 4, 9, 3, 5, 1, 2, 3]);
    // Three events before the one agree, one before the other, none before the eight others.
    const [three, one, none] = [3, 1, 0].map((matched) => Math.exp(matched)) as [number, number, number];
    const total = three + one + 8 * none;
    const { share, trust } = cache.recalled(4, 10, 0, [-1], 1) as { share: number; trust: number };
    expect(share).toBeCloseTo(three / total, 12);
    expect(shareOf(cache, 5, 10, 0, [-1], 1)).toBeCloseTo(one / total, 12);
    expect(trust).toBeCloseTo(1 - 0.9 * Math.exp(-3 / 10), 12);
    const mixed = Float64Array.from({ length: 10 }, () => 0.1);
    cache.mix(mixed, 0, [-1], { weight: 0.5, sharpness: 1 });
    expect(mixed[4]).toBeCloseTo(0.1 * (1 - 0.5 * trust) + 0.5 * trust * share, 12);
    expect(mixed.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
  });

  it('counts what agrees as a plain search does, round after round of its window, 64 at the most', () => {
    const line = Array.from({ length: 300 }, (_, i) => (i % 7 === 0 || i > 200 ? i % 5 : i % 3));
    for (const window of [5, 16, 400]) {
      for (const length of [1, 2, 20, 111, 300]) {
        const now = line.slice(0, length);
        const kept = Math.min(window, length);
        // The pair of event i, and how many events before it are those before the present; those before the window are forgotten.
        const matched = Array.from({ length: kept }, (_, k) => {
          const i = length - kept + k;
          let count = 0;
          let changes = 0;
          for (; count < k && now[i - 1 - count] === now[length - 1 - count]; count++) if (now[length - 1 - count] !== now[length - 2 - count]) changes++;
          return Math.min(changes, 64);
        });
        const trust = heard(now, window).recalled(0, 10, 0, [-1], 1)?.trust;
        // What agreed while older events were kept is not forgotten with them: the run may be longer than the window shows.
        expect(trust).toBeGreaterThanOrEqual(1 - 0.9 * Math.exp(-Math.max(...matched) / 10) - 1e-12);
        if (length <= window) expect(trust).toBeCloseTo(1 - 0.9 * Math.exp(-Math.max(...matched) / 10), 12);
      }
    }
  });

  it('keeps its window and forgets the oldest', () => {
    const cache = remembering(2);
    expect(shareOf(cache, 0, 3, 0, NONE, 0)).toBe(0.5);
    cache.feed([2, 1], top(1, 1));
    expect([0, 1, 2].map((symbol) => shareOf(cache, symbol, 3, 0, NONE, 0))).toEqual([0, 0.5, 0.5]);
  });

  it('compares with the present, whatever was asked before', () => {
    const cache = remembering();
    shareOf(cache, 0, 3, 0, NONE, 1);
    cache.feed([0, 0], top(0, 3));
    const fresh = remembering();
    fresh.feed([0, 0], top(0, 3));
    expect(shareOf(cache, 1, 3, 0, NONE, 1)).toBe(shareOf(fresh, 1, 3, 0, NONE, 1));
  });

  it('forks into one that goes its own way', () => {
    const cache = remembering();
    const before = shareOf(cache, 0, 3, 0, NONE, 1);
    const fork = cache.fork();
    expect(shareOf(fork, 0, 3, 0, NONE, 1)).toBe(before);
    fork.feed([2, 2], top(5, 5));
    expect(shareOf(cache, 0, 3, 0, NONE, 1)).toBe(before);
    expect(shareOf(fork, 0, 3, 0, NONE, 1)).not.toBe(before);
    fork.copy(cache);
    expect(shareOf(fork, 0, 3, 0, NONE, 1)).toBe(before);
  });

  it('takes logits of any size', () => {
    expect([...softmax([1000, 1000])]).toEqual([0.5, 0.5]);
    expect(softmax([0, Math.log(3)])[1]).toBeCloseTo(0.75, 12);
  });
});
