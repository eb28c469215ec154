import { AntiphonError } from '../core/errors.ts';
import { coins, keyOf, shuffled } from '../core/rng.ts';
import { eventsOf, type Piece } from './piece.ts';
import type { Split } from './split.ts';

/** The share of a fold's training events that early stopping is decided on. */
const TUNE = 0.06;

const familiesOf = (pieces: readonly Piece[]): Piece[][] => {
  const families = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const family = families.get(piece.family);
    if (family) family.push(piece);
    else families.set(piece.family, [piece]);
  }
  return [...families].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, family]) => family);
};

/** Families by chance, the order of `pieces` aside. */
const drawn = (pieces: readonly Piece[], key: number): Piece[][] => shuffled(familiesOf(pieces), coins(key));

/**
 * Deals pieces into `count` folds of about as many events: each piece into one, families together, the same for a seed in whatever
 * order they come. What a data set judges by its own split is in none.
 *
 * @throws AntiphonError `folds.count` where there are fewer families than folds, or fewer than two folds
 */
export const foldsOf = (pieces: readonly Piece[], count: number, seed: number): Piece[][] => {
  const dealt = pieces.filter(({ side }) => side === undefined || side === 'train');
  const families = drawn(dealt, keyOf(seed, 0xf01d)).sort((a, b) => eventsOf(b) - eventsOf(a));
  if (!Number.isInteger(count) || count < 2 || families.length <= count) throw new AntiphonError('folds.count', `Not so many folds of ${families.length} families`, count, 'Give 2 or more, and fewer than there are families.');
  const folds = Array.from({ length: count }, () => ({ events: 0, pieces: [] as Piece[] }));
  for (const family of families) {
    const emptiest = folds.reduce((best, fold) => (fold.events < best.events ? fold : best));
    emptiest.pieces.push(...family);
    emptiest.events += eventsOf(family);
  }
  return folds.map((fold) => fold.pieces);
};

/** For each fold the split that reports on it: the other folds train, but for some of their families that stopping is decided on. */
export const splitsOf = (folds: readonly (readonly Piece[])[], seed: number): Split[] =>
  folds.map((report, f) => {
    const families = drawn(folds.flatMap((fold, other) => (other === f ? [] : fold)), keyOf(seed, 0x7e57, f));
    const wanted = TUNE * families.reduce((sum, family) => sum + eventsOf(family), 0);
    const tune: Piece[] = [];
    // One family at least is left to each side.
    while (families.length > 1 && (tune.length === 0 || eventsOf(tune) < wanted)) tune.push(...(families.pop() as Piece[]));
    return { train: families.flat(), tune, report };
  });
