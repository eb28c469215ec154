import { describe, expect, it } from 'vitest';
import { coinAt, coins, keyOf, shuffled } from '../../src/core/rng.ts';

describe('chance', () => {
  it('is keyed: a coin is the same whenever it is asked for', () => {
    const key = keyOf(7, 2, 31);
    const stream = coins(key);
    const drawn = [stream(), stream(), stream(), stream()];
    expect(drawn).toEqual([0, 1, 2, 3].map((index) => coinAt(key, index)));
    expect(coins(key)()).toBe(drawn[0]);
  });

  it('tells keys apart by their parts and the order of them', () => {
    const keys = new Set<number>();
    for (let a = 0; a < 40; a++) for (let b = 0; b < 40; b++) keys.add(keyOf(a, b));
    expect(keys.size).toBe(1600);
    expect(keyOf(1, 2)).not.toBe(keyOf(1, 2, 0));
  });

  it('is uniform: 16 bins of 64,000 coins pass a chi-square test at 0.1 %', () => {
    for (const key of [0, 1, keyOf(3, 4)]) {
      const bins = Array.from({ length: 16 }, () => 0);
      for (let i = 0; i < 64_000; i++) {
        const coin = coinAt(key, i);
        expect(coin >= 0 && coin < 1).toBe(true);
        bins[Math.floor(coin * 16)] = (bins[Math.floor(coin * 16)] as number) + 1;
      }
      expect(bins.reduce((sum, n) => sum + (n - 4000) ** 2 / 4000, 0)).toBeLessThan(37.7);
    }
  });

  it('has no tie between neighbouring coins: lag-1 correlation of 64,000 within four standard errors', () => {
    const stream = coins(keyOf(5));
    const drawn = Array.from({ length: 64_000 }, () => stream() - 0.5);
    const tie = drawn.slice(1).reduce((sum, coin, i) => sum + coin * (drawn[i] as number), 0) / (drawn.length / 12);
    expect(Math.abs(tie)).toBeLessThan(4 / Math.sqrt(drawn.length));
  });

  it('shuffles a copy, and every order of three turns up about as often', () => {
    const items = ['a', 'b', 'c'];
    const orders = new Map<string, number>();
    for (let n = 0; n < 6000; n++) {
      const order = shuffled(items, coins(keyOf(n))).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(items).toEqual(['a', 'b', 'c']);
    expect(orders.size).toBe(6);
    for (const times of orders.values()) expect(Math.abs(times - 1000)).toBeLessThan(130);
  });
});
