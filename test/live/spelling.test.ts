import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/live/spelling.ts';

describe('the word that was meant', () => {
  it.each([
    ['temprature', 'temperature'],
    ['Density', 'density'],
    ['densiyt', 'density'], // two swapped letters are one mistake
    ['swings', 'swing'],
    ['root', 'root'],
    ['rot', 'root'],
    ['volume', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ])('for %j is %j', (word, meant) => {
    expect(nearest(word, ['temperature', 'density', 'swing', 'root', 'low'])).toBe(meant);
  });

  it('has none where there are no words', () => {
    expect(nearest('a', [])).toBeUndefined();
  });
});
