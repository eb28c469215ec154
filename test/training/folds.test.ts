import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coins, shuffled } from '../../src/core/rng.ts';
import { foldsOf, splitsOf } from '../../src/training/folds.ts';
import { eventsOf, type Piece } from '../../src/training/piece.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { pieceOf } from './pieces.ts';

/** A piece for each number, of that family, and of one to four events. */
const piecesOf = (families: readonly number[]): Piece[] => families.map((family, i) => ({ ...pieceOf(`piece ${i}`, Array.from({ length: 1 + (i % 4) }, () => 0)), family: `family ${family}` }));
const ids = (pieces: readonly Piece[]): string[] => pieces.map(({ id }) => id).sort();
const families = (pieces: readonly Piece[]): Set<string> => new Set(pieces.map(({ family }) => family));

/** At least five families, any number of pieces in each. */
const music = fc.array(fc.nat(20), { maxLength: 60 }).map((more) => piecesOf([0, 1, 2, 3, 4, ...more]));

describe('folds', () => {
  it('hold each piece once, families together', () => {
    fc.assert(fc.property(music, fc.integer({ min: 2, max: 4 }), fc.nat(9), (pieces, count, seed) => {
      const folds = foldsOf(pieces, count, seed);
      expect(folds).toHaveLength(count);
      expect(ids(folds.flat())).toEqual(ids(pieces));
      expect(folds.reduce((sum, fold) => sum + families(fold).size, 0)).toBe(families(pieces).size);
      expect(Math.min(...folds.map(({ length }) => length))).toBeGreaterThan(0);
    }), { seed: 1 });
  });

  it('are the same for a seed in whatever order pieces come, and others for another', () => {
    const pieces = piecesOf(Array.from({ length: 60 }, (_, i) => i % 40));
    const one = (given: readonly Piece[], seed: number) => foldsOf(given, 5, seed).map(ids);
    expect(one(shuffled(pieces, coins(3)), 1)).toEqual(one(pieces, 1));
    expect(one(pieces, 2)).not.toEqual(one(pieces, 1));
  });

  it('have about as many events each', () => {
    const folds = foldsOf(piecesOf(Array.from({ length: 200 }, (_, i) => i)), 4, 1);
    expect(folds.map(eventsOf)).toEqual([125, 125, 125, 125]);
  });

  it('leave out what a data set judges itself', () => {
    const pieces = piecesOf([0, 1, 2, 3, 4, 5]).map((piece, i): Piece => ({ ...piece, ...(i < 3 ? { side: 'train' } : i === 5 ? { side: 'tune' } : {}) }));
    expect(ids(foldsOf(pieces, 2, 1).flat())).toEqual(ids(pieces.slice(0, 5)));
  });

  it.each([[1, 9], [2.5, 9], [9, 9], [12, 9]])('cannot be %d of %d families', (count, of) => {
    expect(codeOf(() => foldsOf(piecesOf(Array.from({ length: of }, (_, i) => i)), count, 1))).toBe('folds.count');
  });
});

describe('the splits of folds', () => {
  it('report each fold once, and train and stop on the others, families apart', () => {
    fc.assert(fc.property(music, fc.integer({ min: 2, max: 4 }), fc.nat(9), (pieces, count, seed) => {
      const folds = foldsOf(pieces, count, seed);
      const splits = splitsOf(folds, seed);
      expect(splits.map(({ report }) => report)).toEqual(folds);
      for (const { train, tune, report } of splits) {
        expect(ids([...train, ...tune, ...report])).toEqual(ids(pieces));
        expect(families(train).size + families(tune).size + families(report).size).toBe(families(pieces).size);
        expect(Math.min(train.length, report.length)).toBeGreaterThan(0);
      }
    }), { seed: 2 });
  });

  it('stop on about one event in sixteen', () => {
    const [split] = splitsOf(foldsOf(piecesOf(Array.from({ length: 400 }, (_, i) => i)), 4, 1), 1);
    expect(eventsOf(split?.tune ?? [])).toBeGreaterThan(40);
    expect(eventsOf(split?.tune ?? [])).toBeLessThan(56);
    expect(splitsOf(foldsOf(piecesOf(Array.from({ length: 400 }, (_, i) => i)), 4, 1), 1)[0]).toEqual(split);
  });
});
