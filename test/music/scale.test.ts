import { describe, expect, it } from 'vitest';
import { PARAMS } from '../../src/live/params.ts';
import { SCALES, estimateKey, inScale, scaleMask } from '../../src/music/scale.ts';

const classes = (root: number, row: number): number[] => scaleMask(root, row).flatMap((held, key) => (held ? [key] : []));
/** Twelve weights from "class:weight" pairs. */
const weights = (...pairs: readonly (readonly [number, number])[]): number[] => Array.from({ length: 12 }, (_, key) => pairs.find(([at]) => at === key)?.[1] ?? 0);

describe('scales', () => {
  it('has a row for each value of the parameter', () => {
    expect(SCALES.length).toBe(PARAMS.scale.max - PARAMS.scale.min + 1);
    expect(SCALES[0].steps).toHaveLength(12);
  });

  it.each([
    ['C major', 0, 1, [0, 2, 4, 5, 7, 9, 11]],
    ['A minor', 9, 2, [0, 2, 4, 5, 7, 9, 11]],
    ['E harmonic minor', 4, 3, [0, 3, 4, 6, 7, 9, 11]],
    ['D dorian', 2, 4, [0, 2, 4, 5, 7, 9, 11]],
    ['G mixolydian', 7, 5, [0, 2, 4, 5, 7, 9, 11]],
    ['A pentatonic minor', 9, 7, [0, 2, 4, 7, 9]],
    ['C blues', 0, 8, [0, 3, 5, 6, 7, 10]],
    ['B whole-tone', 11, 9, [1, 3, 5, 7, 9, 11]],
  ])('%s', (_, root, row, expected) => {
    expect(classes(root, row)).toEqual(expected);
    for (let pitch = 0; pitch < 128; pitch++) expect(inScale(pitch, root, row)).toBe(expected.includes(pitch % 12));
  });
});

describe('the key of a histogram', () => {
  it('hears G major and E minor in the same notes by their weights', () => {
    expect(estimateKey(weights([7, 5], [9, 2], [11, 4], [0, 2], [2, 4], [4, 2], [6, 1]))).toMatchObject({ root: 7, mode: 'major' });
    expect(estimateKey(weights([4, 5], [6, 2], [7, 4], [9, 2], [11, 4], [0, 2], [2, 1]))).toMatchObject({ root: 4, mode: 'minor' });
  });

  it('moves with the music', () => {
    const piece = weights([0, 8], [2, 3], [4, 5], [5, 3], [7, 6], [9, 3], [11, 2]);
    for (let by = 0; by < 12; by++) {
      const moved = piece.map((_, key) => piece[(key - by + 12) % 12] ?? 0);
      expect(estimateKey(moved)).toEqual({ root: by, mode: 'major', confidence: expect.closeTo(estimateKey(piece).confidence, 9) });
    }
  });

  it('is sure of a profile itself, and not of nothing or of all twelve alike', () => {
    expect(estimateKey([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]).confidence).toBeCloseTo(1, 9);
    expect(estimateKey(weights()).confidence).toBe(0);
    expect(estimateKey(weights().map(() => 3)).confidence).toBe(0);
  });
});
