import { AntiphonError } from '../core/errors.ts';
import { coins, keyOf, shuffled } from '../core/rng.ts';
import type { Piece } from './piece.ts';
import type { Split } from './split.ts';

/** Fewer pieces are too few to learn from and still keep some aside. */
export const FEWEST_PIECES = 5;
/** The share of the pieces that each of the two sides that are not learnt from has: one piece at least. */
const ASIDE = 0.2;

/**
 * A player's own few pieces: a fifth kept aside for the report, a fifth to stop by, variants of one tune on one side.
 * @throws AntiphonError `personal.pieces` where there are too few, or too few tunes
 */
export const personalSplit = (pieces: readonly Piece[], seed: number): Split => {
  const families = [...new Set(pieces.map(({ family }) => family))].sort();
  if (pieces.length < FEWEST_PIECES) throw new AntiphonError('personal.pieces', 'Too few pieces to learn from', pieces.length, `Give ${FEWEST_PIECES} to 50 files or recorded sessions with notes in them.`);
  if (families.length < 3) throw new AntiphonError('personal.pieces', 'Too few different tunes to keep some aside', families.length, 'Give files of at least three tunes.');
  const order = shuffled(families, coins(keyOf(seed, 0x9e50)));
  const wanted = Math.max(1, Math.round(ASIDE * pieces.length));
  /** Families off the end of the order, until there are enough of their pieces; one is left to every side still to come. */
  const aside = (leave: number): Piece[] => {
    const side: Piece[] = [];
    while (side.length < wanted && order.length > leave) {
      const family = order.pop();
      side.push(...pieces.filter((piece) => piece.family === family));
    }
    return side;
  };
  const report = aside(2);
  const tune = aside(1);
  const kept = new Set(order);
  return { train: pieces.filter(({ family }) => kept.has(family)), tune, report };
};
