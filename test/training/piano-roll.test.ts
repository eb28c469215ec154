import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../src/training/corpus.ts';
import { rollsIn, topOf } from '../../src/training/piano-roll.ts';
import { dataSet } from '../fixtures/at.ts';

describe('piano rolls', () => {
  it('have as their melody the highest note of each eighth, held while it stays', () => {
    expect(topOf([[60, 64, 72], [60, 72], [60], [], [74], [74, 50], [76]])).toEqual([
      { step: 0, steps: 4, pitch: 72 }, { step: 4, steps: 2, pitch: 60 }, { step: 8, steps: 4, pitch: 74 }, { step: 12, steps: 2, pitch: 76 },
    ]);
    expect(topOf([[], []])).toEqual([]);
  });

  it('are found by title or by side; steps of four voices are none', () => {
    const roll = [[60], [62, 64], []];
    expect(rollsIn({ a: roll })).toEqual([{ path: ['a'], roll }]);
    expect(rollsIn({ train: [roll], valid: { b: roll } })).toEqual([{ path: ['train', '0'], roll }, { path: ['valid', 'b'], roll }]);
    for (const other of [{ train: [[[60, 55, 50, 48], [60, 55, 50, 48]]] }, { a: [[-1]] }, { a: [[128]] }, { a: [] }, 'text', null]) expect(rollsIn(other)).toEqual([]);
  });

  const nottingham = dataSet('nottingham');
  it.skipIf(!nottingham)('of the Nottingham tunes are melodies that keep their own split', () => {
    const { pieces, refused } = readCorpus('melody', [nottingham as string]);
    expect(refused).toEqual([]);
    expect([pieces.filter(({ side }) => side === 'train').length, pieces.filter(({ side }) => side === 'tune').length]).toEqual([694, 173]);
    const heights = pieces.flatMap(({ line }) => [...(line ?? [])]);
    expect(heights.filter((pitch) => pitch >= 60 && pitch <= 88).length / heights.length).toBeGreaterThan(0.98);
  });
});
