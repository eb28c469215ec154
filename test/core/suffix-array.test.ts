import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suffixArray } from '../../src/core/suffix-array.ts';

const plain = (text: readonly number[]): { order: number[]; common: number[] } => {
  const compare = (a: number, b: number): number => {
    for (let i = 0; ; i++) {
      const [x, y] = [text[a + i], text[b + i]];
      if (x === undefined || y === undefined) return (x === undefined ? 0 : 1) - (y === undefined ? 0 : 1);
      if (x !== y) return x - y;
    }
  };
  const order = text.map((_, i) => i).sort(compare);
  const shared = (a: number, b: number): number => {
    let length = 0;
    while (text[a + length] !== undefined && text[a + length] === text[b + length]) length++;
    return length;
  };
  return { order, common: order.map((at, i) => (i === 0 ? 0 : shared(at, order[i - 1] as number))) };
};
const ours = (text: readonly number[]) => {
  const { order, common } = suffixArray(Int32Array.from(text));
  return { order: [...order], common: [...common] };
};

describe('a suffix array', () => {
  it('of "banana"', () => expect(ours([1, 0, 13, 0, 13, 0])).toEqual({ order: [5, 3, 1, 0, 4, 2], common: [0, 1, 3, 0, 0, 2] }));

  it.each([[[]], [[7]], [[7, 7]], [Array.from({ length: 37 }, () => 3)], [[2_000_000_000, -5, 2_000_000_000, -6]]])('of %j', (text) => expect(ours(text)).toEqual(plain(text)));

  it('is what sorting the suffixes gives', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 80 }), (text) => {
      expect(ours(text)).toEqual(plain(text));
    }), { seed: 1, numRuns: 300 });
  });
});
