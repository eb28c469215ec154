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
 * a family that is judged; or, `mixed`, the other sets keep their share aside as well. Where it judges on one side only, that side is
 * reported, and choices are made on families kept out of its training side: a share `kept` of them, or none where the choices have been made.
 */
export const splitOf = (pieces: readonly Piece[], seed: number, { tune = 0.05, report = 0.05, mixed = false, kept = KEPT }: { readonly tune?: number; readonly report?: number; readonly mixed?: boolean; readonly kept?: number } = {}): Split => {
  const at = (piece: Piece): number => coinAt(keyOf(seed, textKey(piece.family)), 0);
  const byFamily = (of: readonly Piece[]): Split => {
    const sides: { train: Piece[]; tune: Piece[]; report: Piece[] } = { train: [], tune: [], report: [] };
    for (const piece of of) sides[at(piece) < report ? 'report' : at(piece) < report + tune ? 'tune' : 'train'].push(piece);
    return sides;
  };
  if (!pieces.some(({ side }) => side !== undefined)) return byFamily(pieces);
  if (!mixed) return ownSplit(pieces, (piece) => at(piece) < kept);
  const own = ownSplit(pieces.filter(({ side }) => side !== undefined), (piece) => at(piece) < kept);
  const others = byFamily(pieces.filter(({ side }) => side === undefined));
  const [reported, tuned] = [[...own.report, ...others.report], [...own.tune, ...others.tune]];
  const inReport = familiesOf(reported);
  const apart = familiesOf([...reported, ...tuned]);
  return { train: [...own.train, ...others.train].filter(({ family }) => !apart.has(family)), tune: tuned.filter(({ family }) => !inReport.has(family)), report: reported };
};

/** The share of a data set's own training side that choices are made on, where it has no side for that. */
export const KEPT = 0.08;

const ownSplit = (pieces: readonly Piece[], kept: (piece: Piece) => boolean): Split => {
  const on = (wanted: Side): Piece[] => pieces.filter(({ side }) => side === wanted);
  const judged = [on('tune'), on('report')].filter((side) => side.length > 0);
  const report = judged.at(-1) ?? [];
  const reported = familiesOf(report);
  const tune = judged.length > 1 ? (judged[0] as Piece[]) : on('train').filter((piece) => kept(piece) && !reported.has(piece.family));
  const apart = familiesOf([...report, ...tune]);
  const carved = judged.length > 1 ? new Set<string>() : familiesOf(tune);
  // What the data set itself trains on stays, of whatever family: figures on it are compared with those of others.
  const train = pieces.filter(({ side, family }) => (side === 'train' ? !carved.has(family) : side === undefined && !apart.has(family)));
  return { train, tune, report };
};

const familiesOf = (pieces: readonly Piece[]): Set<string> => new Set(pieces.map(({ family }) => family));

/** The pieces that are judged: where their data set has a split of its own, those that it doesn't train on. */
export const judgedOf = (pieces: readonly Piece[]): readonly Piece[] => {
  const judged = pieces.filter(({ side }) => side !== 'train');
  return judged.length > 0 ? judged : pieces;
};

/** What a data set's own name for a side of its split means. */
export const sideOf = (name: string): Side => (/^train/i.test(name) ? 'train' : /^(test|report)/i.test(name) ? 'report' : 'tune');
