import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms, pitch } from '../../src/core/units.ts';
import { matchNotes } from '../../src/music/note-matching.ts';

type Written = readonly [start: number, pitch: number];
const notes = (written: readonly Written[]) => written.map(([start, key]) => ({ start: ms(start), pitch: pitch(key) }));
const match = (played: readonly Written[], truth: readonly Written[], tolerance = 50) => matchNotes(notes(played), notes(truth), ms(tolerance));

describe('precision and recall', () => {
  it('of exact music', () => {
    const truth: Written[] = [[0, 60], [0, 64], [500, 62], [1000, 60]];
    expect(match([[30, 60], [0, 65], [551, 62], [950, 60], [2000, 60]], truth)).toEqual({ matched: 2, precision: 2 / 5, recall: 1 / 2, f1: 4 / 9 });
    expect(match(truth, truth)).toEqual({ matched: 4, precision: 1, recall: 1, f1: 1 });
  });

  it('match each note once, and as many as can be', () => {
    expect(match([[0, 60], [10, 60], [20, 60]], [[5, 60]])).toMatchObject({ matched: 1, recall: 1 });
    // The nearest to 40 is 50, but then 90 would have none.
    expect(match([[40, 60], [90, 60]], [[0, 60], [50, 60]]).matched).toBe(2);
  });

  it('of nothing', () => {
    expect(match([], [])).toEqual({ matched: 0, precision: NaN, recall: NaN, f1: NaN });
    expect(match([[0, 60]], [])).toEqual({ matched: 0, precision: 0, recall: NaN, f1: 0 });
  });

  it('are what trying every pairing finds, and turn round with their sides', () => {
    const some = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 60, max: 61 })), { maxLength: 6 });
    fc.assert(fc.property(some, some, fc.integer({ min: 0, max: 4 }), (played, truth, tolerance) => {
      const found = match(played, truth, tolerance);
      expect(found.matched).toBe(most(played, truth, tolerance));
      expect(match(truth, played, tolerance).recall).toEqual(found.precision);
    }), { seed: 1, numRuns: 300 });
  });
});

const most = ([first, ...rest]: readonly Written[], truth: readonly Written[], tolerance: number): number => {
  if (!first) return 0;
  const fits = truth.flatMap(([start, key], i) => (key === first[1] && Math.abs(start - first[0]) <= tolerance ? [i] : []));
  return Math.max(most(rest, truth, tolerance), ...fits.map((i) => 1 + most(rest, truth.toSpliced(i, 1), tolerance)));
};
