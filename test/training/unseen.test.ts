import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../src/training/corpus.ts';
import type { Piece } from '../../src/training/piece.ts';
import { unrelatedOf, unseenOf } from '../../src/training/unseen.ts';
import { dataSet } from '../fixtures/at.ts';
import { pieceOf } from './pieces.ts';

const piece = (id: string, line: readonly number[]): Piece => ({ ...pieceOf(id, [1]), line: Uint8Array.from(line) });

describe('pieces with a soprano not heard before', () => {
  it('are those that no known piece has, exact or in another key', () => {
    const known = [piece('a', [60, 62, 64, 60]), piece('b', [70, 69])];
    const judged = [piece('same', [60, 62, 64, 60]), piece('up', [65, 67, 69, 65]), piece('longer', [60, 62, 64, 60, 62]), piece('other', [60, 62, 63, 60]), pieceOf('none', [1])];
    expect(unseenOf(judged, known).map(({ id }) => id)).toEqual(['longer', 'other']);
    expect(unseenOf(judged, [pieceOf('none', [1])]).map(({ id }) => id)).toEqual(['same', 'up', 'longer', 'other']);
  });

  it('are unrelated where they are no variant of a known one either', () => {
    const tune = [60, 62, 64, 65, 67, 72, 71, 69, 62, 64, 60, 65, 71, 72, 60, 67, 62, 61];
    const judged = [piece('variant', [...tune.slice(3).map((pitch) => pitch - 2), 50, 52]), piece('other', tune.toReversed())];
    expect(unseenOf(judged, [piece('a', tune)])).toEqual(judged);
    expect(unrelatedOf(judged, [piece('a', tune)]).map(({ id }) => id)).toEqual(['other']);
  });

  const chorales = dataSet('chorales');
  it.skipIf(!chorales)('are some, not all, of those the chorale benchmark is judged on', () => {
    const { pieces } = readCorpus('harmony', [chorales as string], undefined, 1);
    const on = (side: string): Piece[] => pieces.filter((each) => each.side === side);
    const unseen = unseenOf(on('tune'), on('train'));
    expect(on('tune')).toHaveLength(76);
    expect(unseen.length).toBeGreaterThan(30);
    expect(unseen.length).toBeLessThan(76);
    expect(unseenOf(on('train'), on('train'))).toEqual([]);
    const unrelated = unrelatedOf(on('tune'), on('train'));
    expect(unrelated.length).toBeGreaterThan(20);
    expect(unrelated.length).toBeLessThan(unseen.length);
    expect(unrelated.filter((each) => !unseen.includes(each))).toEqual([]);
  });
});
