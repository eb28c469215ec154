import { describe, expect, it } from 'vitest';
import { decodeHarmony } from '../../src/music/harmony.ts';
import { eventAt, type Piece } from '../../src/training/piece.ts';
import { readHarmony } from '../../src/training/read-harmony.ts';

const FOUND = { file: 'sheets.json', id: 'sheets.json', source: 'sheets' };
/** Two bars: quarters G A B c, then a b held; C and G7, then C. */
const SHEET = {
  bars: [0, 4],
  notes: [[0, 1, 67], [1, 1, 69], [2, 1, 71], [3, 1, 72], [4, 2, 71]],
  chords: [[0, 0, 'major', null], [2, 7, 'dominant', null], [4, 0, 'major', null]],
};

const read = (value: unknown): Piece[] => (readHarmony.json as NonNullable<typeof readHarmony.json>)(value, FOUND);

describe('harmony read from lead sheets', () => {
  it('is the melody with its chords laid under it', () => {
    const [piece, ...more] = read({ 'Two Bars': SHEET }) as [Piece, ...Piece[]];
    expect(more).toEqual([]);
    expect(piece).toMatchObject({ id: 'Two Bars', source: 'sheets', notes: 4 * 24 });
    const voices = decodeHarmony(Array.from(piece.parts[0] as Int32Array, (_, i) => eventAt(piece, i)));
    expect(voices.map((notes) => notes.map(({ step, steps, pitch }) => [step, steps, pitch]))).toEqual([
      [[0, 4, 67], [4, 4, 69], [8, 4, 71], [12, 4, 72], [16, 8, 71]],
      [[0, 8, 64], [8, 8, 65], [16, 8, 67]],
      [[0, 4, 60], [4, 4, 55], [8, 4, 62], [12, 4, 59], [16, 8, 64]],
      [[0, 8, 48], [8, 8, 43], [16, 8, 48]],
    ]);
  });

  it('refuses what is neither voices nor lead sheets, and says what it wants', () => {
    expect(() => read({ 'Two Bars': { ...SHEET, chords: [[0, 12, 'major', null]] } })).toThrow(/No steps of four voices in/);
  });
});
