import { coinAt, keyOf } from '../core/rng.ts';
import type { Piece } from './corpus.ts';

export interface Split {
  readonly train: readonly Piece[];
  readonly tune: readonly Piece[];
  readonly report: readonly Piece[];
}

const textKey = (text: string): number => keyOf(...Array.from(text, (letter) => letter.codePointAt(0) as number));

/**
 * Splits by family: a piece's side hangs on its family's name and the seed alone, so that adding pieces moves none.
 * Training sees `train`, early stopping and every choice `tune`; only `report` is printed.
 */
export const splitOf = (pieces: readonly Piece[], seed: number, tune = 0.05, report = 0.05): Split => {
  const sides: { train: Piece[]; tune: Piece[]; report: Piece[] } = { train: [], tune: [], report: [] };
  for (const piece of pieces) {
    const at = coinAt(keyOf(seed, textKey(piece.family)), 0);
    sides[at < report ? 'report' : at < report + tune ? 'tune' : 'train'].push(piece);
  }
  return sides;
};
