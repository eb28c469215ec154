import { describe, expect, it } from 'vitest';
import { excess } from '../../src/core/excess.ts';
import { coins, keyOf } from '../../src/core/rng.ts';

/** Trials of one duration, in the manner of a machine that now and then stalls. */
const stalling = (key: number, trials: number, more = 0): number[][] => {
  const coin = coins(keyOf(7, key));
  return Array.from({ length: trials }, () => [more + 0.3 + coin() + (coin() < 0.02 ? 8 * coin() : 0)]);
};

describe('the excess of durations over others', () => {
  it('is the difference of their percentiles', () => {
    const base = [[1], [2], [3], [4]];
    expect(excess([[3, 5], [4, 9]], base)).toMatchObject({ count: 4, p50: 4 - 2, p95: 9 - 4, p99: 9 - 4, max: 9 - 4 });
  });

  it('lies between the bounds given as often as they say, where both are alike', () => {
    let within = 0;
    for (let i = 0; i < 40; i++) {
      const { p99Between: [low, high] } = excess(stalling(i, 150), stalling(1000 + i, 150));
      if (low <= 0 && high >= 0) within++;
    }
    expect(within).toBeGreaterThanOrEqual(36);
  });

  it('is told apart where there is one', () => {
    const { p99Between: [low, high] } = excess(stalling(1, 400, 10), stalling(2, 400));
    expect(low).toBeGreaterThan(4);
    expect(high).toBeLessThan(16);
  });

  it('draws whole trials again: many notes of few chords do not say more than few chords can', () => {
    const few = stalling(3, 40);
    const many = few.map(([time]) => Array.from({ length: 25 }, () => time as number));
    const width = ({ p99Between: [low, high] }: { p99Between: readonly [number, number] }): number => high - low;
    const base = [[0]];
    expect(width(excess(many, base))).toBeGreaterThanOrEqual(0.9 * width(excess(few, base)));
    expect(width(excess(many.flat().map((time) => [time]), base))).toBeLessThan(width(excess(many, base)));
  });

  it('of nothing is not a number', () => {
    expect(excess([], []).p99).toBeNaN();
    expect(excess([], []).p99Between).toEqual([NaN, NaN]);
  });
});
