import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toldOf } from '../../src/core/part.ts';
import { pitch } from '../../src/core/units.ts';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { decodeHarmony, encodeHarmony, HARMONY, HARMONY_PARTS, HarmonyVoices, SILENT, tellHarmony, VOICES } from '../../src/music/harmony.ts';
import type { GridNote } from '../../src/music/melody.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventAt, type Piece } from '../../src/training/piece.ts';
import { dataSet } from '../fixtures/at.ts';

const note = (step: number, steps: number, key: number): GridNote => ({ step, steps, pitch: pitch(key) });
const { hold, rest, on, start, end } = HARMONY;
/** Of each frame the steps waited and what the voices do. */
const doings = (frames: readonly (readonly number[])[]): number[][] => frames.map(([wait, ...voices]) => [(wait as number) + 1, ...voices.slice(0, VOICES)]);
const ending = [end, end, end, end];

/** Four voices on the grid: notes of any length, with or without rests between, to the same end or not. */
const voices = fc.array(fc.array(fc.record({ gap: fc.nat(3), steps: fc.integer({ min: 1, max: 9 }), key: fc.nat(127) }), { maxLength: 8 }), { minLength: VOICES, maxLength: VOICES })
  .map((lines) => lines.map((line) => {
    let at = 0;
    return line.map(({ gap, steps, key }) => {
      at += gap + steps;
      return note(at - steps, steps, key);
    });
  }));

describe('four voices as frames', () => {
  it('code what each voice does, from the highest, and how long it was waited for', () => {
    const frames = encodeHarmony([[note(0, 2, 67), note(2, 2, 67)], [note(0, 3, 64)], [note(1, 1, 60)], [note(0, 1, 48), note(1, 2, 50)]]);
    expect(doings(frames)).toEqual([
      [1, on + 67, on + 64, hold, on + 48],
      [1, hold, hold, on + 60, on + 50],
      [1, on + 67, hold, rest, hold],
      [1, hold, rest, hold, rest],
      [1, ...ending],
    ]);
  });

  it('tell what each voice sounds and where in the bar they stand', () => {
    const frames = encodeHarmony([[note(0, 22, 67)], [note(0, 22, 64)], [note(0, 1, 60)], [note(0, 22, 48)]]);
    expect(ENCODINGS.harmony.start).toEqual([16, start, start, start, start, SILENT, SILENT, SILENT, SILENT, 15]);
    expect(frames).toEqual([
      [0, on + 67, on + 64, on + 60, on + 48, 67, 64, 60, 48, 0],
      [0, hold, hold, rest, hold, 67, 64, SILENT, 48, 1],
      [15, hold, hold, hold, hold, 67, 64, SILENT, 48, 1],
      [4, ...ending, 67, 64, SILENT, 48, 6],
    ]);
  });

  it('tell other voices what one sounds, struck or held, and the wait with its place', () => {
    const [first, second] = encodeHarmony([[note(0, 4, 67)], [note(0, 4, 64)], [note(0, 1, 60)], [note(0, 4, 48)]]) as [number[], number[]];
    expect([0, 1, 3, 4].map((part) => tellHarmony(part, first))).toEqual([0, 134, 120, 96]);
    expect([0, 1, 3, 4].map((part) => tellHarmony(part, second))).toEqual([1, 135, 2 * SILENT, 97]);
    HARMONY_PARTS.slice(0, 5).forEach((part, p) => expect(tellHarmony(p, ENCODINGS.harmony.start)).toBeLessThan(toldOf(part)));
  });

  it('keep the higher of two notes that begin together, and end a note where the next begins', () => {
    expect(doings(encodeHarmony([[note(0, 8, 60), note(0, 8, 72), note(1, 2, 64)]], 5))).toEqual([[1, on + 72, hold, hold, hold], [1, on + 64, hold, hold, hold], [2, rest, hold, hold, hold], [2, ...ending]]);
  });

  it('decode to what was encoded', () => {
    fc.assert(fc.property(voices, (lines) => {
      expect(decodeHarmony(encodeHarmony(lines))).toEqual(lines);
    }), { seed: 1, numRuns: 500 });
  });

  it('need nothing of the future: what comes later changes no frame before', () => {
    fc.assert(fc.property(voices, voices, fc.nat(40), (lines, others, step) => {
      // Up to `step` the one, from there on the other: a note that sounds there may go on or not.
      const mixed = lines.map((line, v) => [...line.filter((each) => each.step < step), ...(others[v] as GridNote[]).map((each) => ({ ...each, step: each.step + step }))]);
      expect(encodeHarmony(mixed, step)).toEqual(encodeHarmony(lines, step));
      const ended = lines.map((line) => line.filter((each) => each.step < step).map((each) => ({ ...each, steps: Math.min(each.steps, step - each.step) })));
      expect(encodeHarmony(ended, step)).toEqual(encodeHarmony(lines, step));
    }), { seed: 2, numRuns: 300 });
  });

  it('move with the key, silence and all that is no pitch left alone', () => {
    const { transpose } = ENCODINGS.harmony;
    const [first, second] = encodeHarmony([[note(0, 4, 67)], [note(0, 4, 64)], [], [note(0, 1, 1)]]) as [number[], number[]];
    expect(transpose(first, 2)).toEqual([0, on + 69, on + 66, hold, on + 3, 69, 66, SILENT, 3, 0]);
    expect(transpose(second, -1)).toEqual([0, hold, hold, hold, rest, 66, 63, SILENT, SILENT, 1]);
    expect(transpose(first, -2)).toBeUndefined();
  });
});

describe('the grammar of four voices', () => {
  it('has no rest in a rest', () => {
    const heard = new HarmonyVoices();
    expect([heard.allows(0, hold), heard.allows(0, rest), heard.allows(0, on + 60)]).toEqual([true, false, true]);
    heard.frame(1, [on + 60, on + 55, hold, on + 40]);
    expect([0, 1, 2, 3].map((voice) => heard.allows(voice, rest))).toEqual([true, true, false, true]);
    heard.frame(3, [rest, hold, hold, hold]);
    expect([0, 1, 2, 3].map((voice) => heard.allows(voice, rest))).toEqual([false, true, false, true]);
  });

  it('allows all that is encoded', () => {
    fc.assert(fc.property(voices, (lines) => {
      const heard = new HarmonyVoices(15);
      for (const frame of encodeHarmony(lines)) {
        const doing = frame.slice(1, 1 + VOICES);
        if (doing[0] === end) break;
        doing.forEach((symbol, voice) => expect(heard.allows(voice, symbol)).toBe(true));
        expect(heard.frame((frame[0] as number) + 1, doing)).toEqual(frame);
      }
    }), { seed: 3, numRuns: 300 });
  });
});

const chorales = dataSet('chorales/jsb16.json');
const fakes = dataSet('js-fakes');

describe('real four-part music', () => {
  it.skipIf(!chorales)('of the chorale benchmark is coded without loss, in its own split', () => {
    const file = chorales as string;
    const sets = JSON.parse(readFileSync(file, 'utf8')) as Record<'train' | 'valid', number[][][]>;
    const { pieces, refused } = readCorpus('harmony', [file], undefined, 1);
    expect([pieces.length, refused]).toEqual([305, []]);
    const all = [...sets.train, ...sets.valid];
    pieces.forEach((piece, i) => {
      const steps = all[i] as number[][];
      expect([piece.side, piece.notes]).toEqual([i < 229 ? 'train' : 'tune', 4 * steps.length]);
      const grid: number[][] = steps.map(() => Array.from({ length: VOICES }, () => -1));
      decodeHarmony(Array.from(piece.parts[0] as Int32Array, (_, at) => eventAt(piece, at))).forEach((line, v) => {
        for (const { step, steps: length, pitch: key } of line) for (let s = step; s < step + length; s++) (grid[s] as number[])[v] = key;
      });
      expect(grid).toEqual(steps);
    });
    expect(pieces.slice(229).reduce((sum, { notes }) => sum + notes, 0)).toBe(4 * 18408);
  });

  it.skipIf(!fakes)('of MIDI files with four tracks is read a track a voice', () => {
    const { pieces, refused } = readCorpus('harmony', [join(fakes as string, 'midi', '0.mid')]);
    expect([pieces.length, refused]).toEqual([1, []]);
    expect(eventAt(pieces[0] as Piece, 0).slice(0, 5)).toEqual([0, on + 67, on + 63, on + 58, on + 51]);
    // In E flat major: three down from C.
    expect((pieces[0] as Piece).home).toBe(-3);
  });
});
