import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../src/core/heap.ts';

const drain = <T>(heap: Heap<T>): T[] => {
  const out: T[] = [];
  while (heap.size > 0) out.push(heap.pop() as T);
  return out;
};

describe('Heap', () => {
  it('gives the smallest key first, and equal keys in the order they went in', () => {
    const heap = new Heap<string>(8);
    for (const [key, item] of [[3, 'c'], [1, 'a1'], [2, 'b'], [1, 'a2'], [1, 'a3']] as const) heap.push(key, item);
    expect(heap.least).toBe(1);
    expect(drain(heap)).toEqual(['a1', 'a2', 'a3', 'b', 'c']);
    expect(heap.least).toBe(Infinity);
    expect(heap.pop()).toBeUndefined();
  });

  it('refuses what is over its capacity and keeps the rest', () => {
    const heap = new Heap<number>(2);
    expect([heap.push(2, 2), heap.push(1, 1), heap.push(0, 0)]).toEqual([true, true, false]);
    expect(drain(heap)).toEqual([1, 2]);
  });

  it('sorts stably, through pushes, pops and removals in any order', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), key: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('pop' as const), key: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: fc.integer({ min: 0, max: 9 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new Heap<{ key: number; n: number }>(32);
        let model: { key: number; n: number }[] = [];
        steps.forEach(({ kind, key }, n) => {
          if (kind === 'push') {
            expect(heap.push(key, { key, n })).toBe(model.length < 32);
            if (model.length < 32) model = [...model, { key, n }].sort((a, b) => a.key - b.key);
          } else if (kind === 'pop') expect(heap.pop()).toEqual(model.shift());
          else {
            const kept = model.filter((item) => item.key !== key);
            expect(heap.remove((item) => item.key === key)).toBe(model.length - kept.length);
            model = kept;
          }
          expect([heap.size, heap.least]).toEqual([model.length, model[0]?.key ?? Infinity]);
        });
        expect(drain(heap)).toEqual(model);
      }),
      { seed: 11, numRuns: 1000 },
    );
  });
});
