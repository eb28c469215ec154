import { coinAt, keyOf } from '../core/rng.ts';
import type { Piece, Side } from './piece.ts';

export interface Split {
  readonly train: readonly Piece[];
  readonly tune: readonly Piece[];
  readonly report: readonly Piece[];
}

const textKey = (text: string): number => keyOf(...Array.from(text, (letter) => letter.codePointAt(0) as number));

/**
 * Splits by family: a piece's side hangs on its family's name and the seed alone, so that adding pieces moves none.
 * Training sees `train`, early stopping and every choice `tune`; only `report` is printed.
 *
 * Where a data set comes with a split of its own, that is kept and it alone is judged: pieces of other sets train, but for those of
 * a family that is judged. Where it has no third side, the one that is judged is also the one that choices are made on.
 */
export const splitOf = (pieces: readonly Piece[], seed: number, tune = 0.05, report = 0.05): Split => {
  const sides: { train: Piece[]; tune: Piece[]; report: Piece[] } = { train: [], tune: [], report: [] };
  if (pieces.some(({ side }) => side !== undefined)) return ownSplit(pieces);
  for (const piece of pieces) {
    const at = coinAt(keyOf(seed, textKey(piece.family)), 0);
    sides[at < report ? 'report' : at < report + tune ? 'tune' : 'train'].push(piece);
  }
  return sides;
};

const ownSplit = (pieces: readonly Piece[]): Split => {
  const on = (wanted: Side): Piece[] => pieces.filter(({ side }) => side === wanted);
  const [tune, report] = [on('tune'), on('report')];
  const judged = new Set([...tune, ...report].map(({ family }) => family));
  const train = pieces.filter(({ side, family }) => side === 'train' || (side === undefined && !judged.has(family)));
  return { train, tune: tune.length > 0 ? tune : report, report: report.length > 0 ? report : tune };
};

/** The pieces that are judged: where their data set has a split of its own, those that it doesn't train on. */
export const judgedOf = (pieces: readonly Piece[]): readonly Piece[] => {
  const judged = pieces.filter(({ side }) => side !== 'train');
  return judged.length > 0 ? judged : pieces;
};

/** What a data set's own name for a side of its split means. */
export const sideOf = (name: string): Side => (/^train/i.test(name) ? 'train' : /^(test|report)/i.test(name) ? 'report' : 'tune');
