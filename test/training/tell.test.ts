import { describe, expect, it } from 'vitest';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { MELODY } from '../../src/music/melody.ts';
import { NO_VELOCITY, timeBin, WHAT } from '../../src/music/performance.ts';
import { augmented } from '../../src/training/augment.ts';
import { judgingBatches, TrainingStream } from '../../src/training/batches.ts';
import { columnsOf, transposed, type Piece } from '../../src/training/piece.ts';
import { told } from '../../src/training/tell.ts';
import { pieceOf } from './pieces.ts';

const { hold, on } = MELODY;
const column = (piece: Piece, part: number): number[] => [...(piece.parts[part] as Int32Array)];
const bars = (count: number, ...beat: readonly number[]): number[] => Array.from({ length: 4 * count }, () => beat).flat();

/** Four bars of a note a beat on middle C, then four of 16ths an octave higher. */
const tune: Piece = { ...pieceOf('tune', [...bars(4, on + 60, hold, hold, hold), ...bars(4, on + 72, on + 72, on + 72, on + 72)]), source: 'folk' };

/** `seconds` of a key struck every `gap` ms and let go at once. */
const strikes = (key: number, gap: number, seconds: number): number[][] =>
  Array.from({ length: (seconds * 1000) / gap }, () => [[key, timeBin(gap), 16], [WHAT.off + key, 0, NO_VELOCITY]]).flat();

describe('what is told of a piece', () => {
  it('is its style, and of each section how busy it is and how high it lies, in the event before', () => {
    const piece = told('melody', tune);
    expect(column(piece, 0)).toEqual(column(tune, 0));
    expect(new Set(column(piece, 1))).toEqual(new Set([3]));
    // A note a beat is nearest to 1.2, four are more than 3; the last event of the first section tells of the second.
    expect(column(piece, 2)).toEqual([...Array.from({ length: 63 }, () => 2), ...Array.from({ length: 65 }, () => 5)]);
    expect(column(piece, 3)).toEqual([...Array.from({ length: 63 }, () => 1), ...Array.from({ length: 65 }, () => 3)]);
  });

  it('goes by seconds where there are no beats', () => {
    // 16 strikes in 7.68 seconds, then one every 50 ms to 15.68: the first three of those are in the first half.
    const events = [...strikes(48, 480, 7.68), ...strikes(72, 50, 8)];
    const piece = told('performance', { ...pieceOf('a'), source: 'mutopia', parts: columnsOf(3, events) });
    const first = 2 * (16 + 3);
    expect(column(piece, 3)).toEqual(events.map(() => 4));
    expect(column(piece, 4)).toEqual(events.map((_, i) => (i < first - 1 ? 1 : 5)));
    expect(column(piece, 5)).toEqual(events.map((_, i) => (i < first - 1 ? 2 : 5)));
  });

  it('leaves open what is not known: the style of other data sets, the register of silence', () => {
    const piece = told('melody', { ...pieceOf('a', [...bars(4, on + 60, hold, hold, hold), ...bars(4, hold, hold, hold, hold)]), source: 'mine' });
    expect([new Set(column(piece, 1)), column(piece, 2).at(-1), column(piece, 3).at(-1)]).toEqual([new Set([0]), 1, 0]);
  });

  it('is told of a piece of any length', () => {
    for (const length of [1, 2, 5]) expect(told('melody', pieceOf('a', Array.from({ length }, () => on + 60))).parts.map((part) => part.length)).toEqual([length, length, length, length]);
    expect(told('performance', { ...pieceOf('a'), parts: columnsOf(3, [[60, 0, 16]]) }).parts.map((part) => [...part])).toEqual([[60], [0], [16], [0], [1], [3]]);
    expect(told('melody', told('melody', tune))).toEqual(told('melody', tune));
  });

  it('moves with the key a piece is heard in: half an octave is a grade', () => {
    const higher = transposed('melody', tune, 6) as Piece;
    expect(column(told('melody', higher), 3)).toEqual(column(told('melody', tune), 3).map((grade) => grade + 1));
    // A piece that was told and then moved is told nothing, rather than something false.
    expect(column(transposed('melody', told('melody', tune), 6) as Piece, 3)).toEqual(column(tune, 0).map(() => 0));
  });
});

describe('augmentation', () => {
  const epochs = Array.from({ length: 400 }, (_, epoch) => augmented('melody', tune, 1, epoch, 0));
  const wishes = epochs.map((each) => each.parts.slice(1).map((part) => [...part]));

  it('tells of a piece what is true of it as it is heard', () => {
    for (const each of epochs) {
      const whole = told('melody', each);
      each.parts.slice(1).forEach((part, p) => part.forEach((grade, i) => expect([0, (whole.parts[p + 1] as Int32Array)[i]]).toContain(grade)));
    }
    expect(new Set(wishes.flatMap(([, , register]) => register?.slice(0, 1) ?? []))).toEqual(new Set([0, 1, 2]));
  });

  it('tells nothing of half of them, and of the others leaves each condition open at times, or for a while', () => {
    const mute = wishes.filter((parts) => parts.length === 0).length;
    expect(mute / 400).toBeCloseTo(0.5, 1);
    const heard = wishes.filter((parts) => parts.length > 0);
    for (const part of [0, 1, 2]) {
      const grades = heard.map((parts) => parts[part] as number[]);
      const open = grades.filter((each) => each.every((grade) => grade === 0)).length / heard.length;
      const later = grades.filter((each) => each[0] === 0 && each.at(-1) !== 0);
      expect(open).toBeGreaterThan(0.17);
      expect(open).toBeLessThan(0.33);
      expect(later.length / heard.length).toBeGreaterThan(0.15);
      expect(later.length / heard.length).toBeLessThan(0.3);
      // Once told it stays told.
      for (const each of later) expect(each.slice(each.findIndex((grade) => grade > 0)).every((grade) => grade > 0)).toBe(true);
    }
    // Each on its own.
    expect(new Set(heard.map((parts) => parts.map((part) => part.every((grade) => grade === 0)).join())).size).toBe(8);
  });

  it('hears a performance played faster as busier', () => {
    const piece: Piece = { ...pieceOf('a'), source: 'giantmidi', parts: columnsOf(3, strikes(60, 315, 30)) };
    const grades = Array.from({ length: 200 }, (_, epoch) => augmented('performance', piece, 1, epoch, 0)).flatMap((each) => {
      const density = each.parts[4]?.at(-1) ?? 0;
      return density > 0 ? [[(each.parts[1] as Int32Array)[2] as number, density] as const] : [];
    });
    for (const [gap, density] of grades) expect(density).toBe(gap <= 31 ? 2 : 1);
    expect(new Set(grades.map(([, density]) => density))).toEqual(new Set([1, 2]));
  });
});

describe('batches', () => {
  it('feed 0 where a piece is told nothing, and what it is told otherwise', () => {
    const { melody } = ENCODINGS;
    const inputs = (piece: Piece): number[][] => [...judgingBatches(melody, [piece], 1, 128)].flatMap(({ batch }) => batch.inputs.map((part) => [...part]));
    const [symbols, ...open] = inputs(tune);
    expect(open).toEqual([0, 1, 2].map(() => column(tune, 0).map(() => 0)));
    // The start tells what the first event tells.
    const wished = told('melody', tune);
    expect(inputs(wished)).toEqual([symbols, ...[1, 2, 3].map((part) => [column(wished, part)[0], ...column(wished, part).slice(0, -1)])]);
    const stream = new TrainingStream(melody, [tune], 4, 1);
    const fed = Array.from({ length: 8 }, (_, key) => stream.next(128, key)).flatMap((batch) => [...(batch.inputs[3] as Int32Array)]);
    expect(fed.filter((grade) => grade > 0).length / fed.length).toBeGreaterThan(0.2);
  });
});
