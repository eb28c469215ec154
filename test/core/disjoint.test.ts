import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DisjointSets } from '../../src/core/disjoint.ts';

describe('disjoint sets', () => {
  it('are alone at first, and one once joined, through others too', () => {
    const sets = new DisjointSets(5);
    sets.join(0, 1);
    sets.join(3, 1);
    expect([0, 1, 2, 3, 4].map((i) => sets.find(i) === sets.find(0))).toEqual([true, true, false, true, false]);
  });

  it('agree with colouring every joined pair, whatever the order', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 40 }), (pairs) => {
      const sets = new DisjointSets(20);
      const colour = Array.from({ length: 20 }, (_, i) => i);
      for (const [a, b] of pairs) {
        sets.join(a, b);
        const [from, to] = [colour[a], colour[b]];
        colour.forEach((each, i) => each === from && (colour[i] = to as number));
      }
      for (let a = 0; a < 20; a++) for (let b = 0; b < 20; b++) expect(sets.find(a) === sets.find(b)).toBe(colour[a] === colour[b]);
    }), { seed: 1 });
  });
});
