import { intervalsOf } from './families.ts';
import type { Piece } from './piece.ts';

/** The pieces whose leading voice stands in none of `known`, in whatever key and rhythm; pieces without one are left out. */
export const unseenOf = (pieces: readonly Piece[], known: readonly Piece[]): Piece[] => {
  const lines = new Set(known.flatMap(({ line }) => (line ? [intervalsOf(line)] : [])));
  return pieces.filter(({ line }) => line !== undefined && !lines.has(intervalsOf(line)));
};
