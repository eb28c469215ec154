import { expect, it } from 'vitest';
import { personalSplit } from '../../src/training/personal.ts';
import type { Piece } from '../../src/training/piece.ts';
import { randomPiece } from './pieces.ts';

const pieces = (count: number, familyOf: (i: number) => string = String): Piece[] => Array.from({ length: count }, (_, i) => ({ ...randomPiece('melody', 20, i), id: `${i}`, family: familyOf(i) }));

it.each([[5, [3, 1, 1]], [6, [4, 1, 1]], [20, [12, 4, 4]], [50, [30, 10, 10]]])('deals %d pieces', (count, sizes) => {
  const { train, tune, report } = personalSplit(pieces(count), 1);
  expect([train, tune, report].map(({ length }) => length)).toEqual(sizes);
  expect(new Set([...train, ...tune, ...report].map(({ id }) => id)).size).toBe(count);
});

it('keeps variants of a tune on one side, and every side filled', () => {
  const { train, tune, report } = personalSplit(pieces(9, (i) => (i < 7 ? 'one' : String(i))), 3);
  const sides = [train, tune, report].map((side) => new Set(side.map(({ family }) => family)));
  expect(sides.map(({ size }) => size)).toEqual([1, 1, 1]);
});

it('is the same for a seed, whatever the order of the pieces', () => {
  const idsOf = (side: readonly { id: string }[]): string[] => side.map(({ id }) => id).sort();
  expect(idsOf(personalSplit(pieces(20).reverse(), 5).report)).toEqual(idsOf(personalSplit(pieces(20), 5).report));
  expect(idsOf(personalSplit(pieces(20), 6).report)).not.toEqual(idsOf(personalSplit(pieces(20), 5).report));
});

it('refuses too few pieces, and too few tunes', () => {
  for (const few of [pieces(4), pieces(9, (i) => String(i % 2))]) expect(() => personalSplit(few, 1)).toThrow(expect.objectContaining({ code: 'personal.pieces' }));
});
