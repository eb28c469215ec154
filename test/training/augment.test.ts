import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { ACCOMPANIMENT_PART, CHORD, Standing } from '../../src/music/accompaniment.ts';
import { DRUM } from '../../src/music/drums.ts';
import { decodeHarmony, encodeHarmony, HARMONY_PARTS } from '../../src/music/harmony.ts';
import { isOn, NO_VELOCITY, TIME_BINS } from '../../src/music/performance.ts';
import { augmented } from '../../src/training/augment.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { columnsOf, eventAt, type Piece } from '../../src/training/piece.ts';
import { fixture } from '../fixtures/at.ts';

const epochs = (encoding: Parameters<typeof augmented>[0], piece: Piece, count = 60, more = {}): Piece[] => Array.from({ length: count }, (_, epoch) => augmented(encoding, piece, 1, epoch, 0, more));
const column = (piece: Piece, part: number): number[] => [...(piece.parts[part] as Int32Array)];

describe('augmentation', () => {
  it('moves a performance through keys, stretches its time and bends its velocities, and nothing else', () => {
    const [piece] = readCorpus('performance', [fixture('pop909/764')]).pieces as [Piece];
    const heard = epochs('performance', piece);
    const first = column(piece, 0).findIndex(isOn);
    const moves = new Set(heard.map((each) => (each.parts[0] as Int32Array)[first] as number - ((piece.parts[0] as Int32Array)[first] as number)));
    expect([Math.min(...moves), Math.max(...moves), moves.size]).toEqual([-6, 5, 12]);
    const length = (each: Piece): number => column(each, 1).reduce((sum, bin) => sum + (TIME_BINS[bin] as number), 0);
    const ratios = heard.map((each) => length(each) / length(piece));
    expect(Math.min(...ratios)).toBeGreaterThan(0.85);
    expect(Math.max(...ratios)).toBeLessThan(1.15);
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeGreaterThan(0.1);
    for (const each of heard) {
      const [before, after] = [column(piece, 2), column(each, 2)];
      expect(after.map((bin) => bin === NO_VELOCITY)).toEqual(before.map((bin) => bin === NO_VELOCITY));
      // What was struck harder is not softer now.
      const pairs = before.flatMap((bin, i) => (bin === NO_VELOCITY ? [] : [[bin, after[i] as number] as const])).sort((a, b) => a[0] - b[0]);
      expect(pairs.length).toBeGreaterThan(100);
      expect(pairs.every(([, bin], i) => i === 0 || bin >= (pairs[i - 1] as readonly [number, number])[1])).toBe(true);
    }
    expect(new Set(heard.map((each) => String(column(each, 2)))).size).toBeGreaterThan(40);
  });

  it('lets an accompaniment enter when the tune is under way, with the chord that then stands', () => {
    const [piece] = readCorpus('accompaniment', [fixture('pop909/764')]).pieces as [Piece];
    const { chord, strike, bass, earlier, later, place, harmony, ground } = ACCOMPANIMENT_PART;
    const length = (piece.parts[0] as Int32Array).length;
    let late = 0;
    for (const heard of epochs('accompaniment', piece, 80)) {
      const entry = column(heard, chord).findIndex((symbol) => symbol >= CHORD.on);
      const first = column(piece, chord).findIndex((symbol) => symbol >= CHORD.on);
      expect(column(heard, place)).toEqual(column(piece, place));
      if (entry <= first) continue;
      late++;
      for (const part of [strike, bass, harmony, ground]) expect(column(heard, part).slice(0, entry).every((symbol) => symbol === 0)).toBe(true);
      // The same chords from there on, each moved by as much; what is decoded is an accompaniment still.
      const events = Array.from({ length }, (_, i) => eventAt(heard, i));
      const standing = new Standing();
      for (const event of events) {
        standing.take(event[chord] as number, event[strike] as number, event[bass] as number);
        expect([event[harmony], event[ground]]).toEqual([standing.chord + 1, standing.bass + 1]);
      }
      expect(column(heard, harmony).slice(entry).map((symbol) => symbol > 0)).toEqual(column(piece, harmony).slice(entry).map((symbol) => symbol > 0));
      expect(column(heard, earlier).length + column(heard, later).length).toBe(2 * length);
    }
    expect(late).toBeGreaterThan(15);
  });

  it('leaves which drum and when alone, and the conditions out now and then', () => {
    const events = [[0, 20, 8, 0, 17, 1, 7], [DRUM.step, 32, 17, 1, 17, 1, 7], [1, 28, 4, 1, 17, 1, 7]];
    const piece: Piece = { id: 'a', source: 'a', family: 'a', parts: columnsOf(7, events), notes: 2 };
    const heard = epochs('drums', piece, 200);
    for (const each of heard) expect([column(each, 0), column(each, 2), column(each, 3), (each.parts[1] as Int32Array)[1]]).toEqual([[0, DRUM.step, 1], [8, 17, 4], [0, 1, 1], 32]);
    for (const part of [4, 5, 6]) {
      const untold = heard.filter((each) => column(each, part).every((symbol) => symbol === 0)).length;
      expect(untold).toBeGreaterThan(25);
      expect(untold).toBeLessThan(75);
    }
  });

  it('brings four voices home most of the time, and leaves one out where that is asked for', () => {
    const note = (step: number, steps: number, key: number) => ({ step, steps, pitch: pitch(key) });
    const frames = encodeHarmony([[note(0, 8, 74)], [note(0, 4, 69), note(4, 4, 71)], [note(0, 8, 66)], [note(0, 8, 50)]]);
    const piece: Piece = { id: 'a', source: 'a', family: 'a', home: -2, parts: columnsOf(HARMONY_PARTS.length, frames), notes: 32 };
    const notesOf = (each: Piece) => decodeHarmony(Array.from(each.parts[0] as Int32Array, (_, i) => eventAt(each, i)));
    const home = epochs('harmony', piece, 200).filter((each) => notesOf(each)[0]?.[0]?.pitch === 72).length;
    expect(home).toBeGreaterThan(130);
    expect(home).toBeLessThan(175);
    const heard = epochs('harmony', piece, 200, { dropVoices: 0.5 }).map(notesOf);
    const silent = heard.map((voices) => voices.flatMap((notes, v) => (notes.length === 0 ? [v] : [])));
    expect(new Set(silent.map(String))).toEqual(new Set(['', '0', '1', '2', '3']));
    // The alto's second note comes when it came; without the alto nothing does.
    for (const [i, voices] of heard.entries()) expect(voices.map((notes) => notes.map(({ step, steps }) => [step, steps]))).toEqual([[[0, 8]], [[0, 4], [4, 4]], [[0, 8]], [[0, 8]]].map((notes, v) => (silent[i]?.includes(v) ? [] : notes)));
  });
});
