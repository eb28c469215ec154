import { intervalsOf, joinFamilies } from './families.ts';
import type { Piece } from './piece.ts';

/** The pieces whose leading voice stands in none of `known`, in whatever key and rhythm; pieces without one are left out. */
export const unseenOf = (pieces: readonly Piece[], known: readonly Piece[]): Piece[] => {
  const lines = new Set(known.flatMap(({ line }) => (line ? [intervalsOf(line)] : [])));
  return pieces.filter(({ line }) => line !== undefined && !lines.has(intervalsOf(line)));
};

/** The pieces that share no tune with any of `known`, variants of one counting as one. */
export const unrelatedOf = (pieces: readonly Piece[], known: readonly Piece[]): Piece[] => {
  const joined = joinFamilies([...pieces, ...known]);
  const families = new Set(joined.slice(pieces.length).map(({ family }) => family));
  return pieces.filter((_, i) => !families.has((joined[i] as Piece).family));
};
