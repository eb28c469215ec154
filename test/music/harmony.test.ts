import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { decodeHarmony, encodeHarmony, HARMONY, HARMONY_SYMBOLS, HarmonyVoices, SILENT, VOICES } from '../../src/music/harmony.ts';
import type { GridNote } from '../../src/music/melody.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import type { Piece } from '../../src/training/piece.ts';
import { dataSet } from '../fixtures/at.ts';

const note = (step: number, steps: number, key: number): GridNote => ({ step, steps, pitch: pitch(key) });
const { hold, rest, on, start } = HARMONY;
const symbolsOf = (events: readonly (readonly number[])[]): number[] => events.map(([symbol]) => symbol as number);

/** Four voices on the grid: notes of any length, with or without rests between, to the same end or not. */
const voices = fc.array(fc.array(fc.record({ gap: fc.nat(3), steps: fc.integer({ min: 1, max: 9 }), key: fc.nat(127) }), { maxLength: 8 }), { minLength: VOICES, maxLength: VOICES })
  .map((lines) => lines.map((line) => {
    let at = 0;
    return line.map(({ gap, steps, key }) => {
      at += gap + steps;
      return note(at - steps, steps, key);
    });
  }));

describe('four voices as symbols', () => {
  it('code a step from the highest voice to the lowest: strike, hold or rest', () => {
    const events = encodeHarmony([[note(0, 2, 67), note(2, 1, 67)], [note(0, 3, 64)], [note(1, 1, 60)], [note(0, 1, 48), note(1, 2, 50)]]);
    expect(symbolsOf(events)).toEqual([
      [on + 67, on + 64, rest, on + 48],
      [hold, hold, on + 60, on + 50],
      [on + 67, hold, rest, hold],
    ].flat());
  });

  it('tell the next voice what it had and for how long, what all have, and where it stands', () => {
    const events = encodeHarmony([[note(0, 2, 67)], [note(0, 2, 64)], [note(0, 1, 60)], [note(0, 2, 48)]]);
    expect(ENCODINGS.harmony.start).toEqual([start, SILENT, 0, SILENT, SILENT, SILENT, SILENT, 0]);
    expect(events).toEqual([
      [on + 67, SILENT, 0, 67, SILENT, SILENT, SILENT, 16],
      [on + 64, SILENT, 0, 67, 64, SILENT, SILENT, 32],
      [on + 60, SILENT, 0, 67, 64, 60, SILENT, 48],
      [on + 48, 67, 0, 67, 64, 60, 48, 1],
      [hold, 64, 0, 67, 64, 60, 48, 17],
      [hold, 60, 0, 67, 64, 60, 48, 33],
      [rest, 48, 0, 67, 64, SILENT, 48, 49],
      [hold, 67, 1, 67, 64, SILENT, 48, 2],
    ]);
  });

  it('keep the higher of two notes that begin together, and end a note where the next begins', () => {
    expect(symbolsOf(encodeHarmony([[note(0, 8, 60), note(0, 8, 72), note(1, 2, 64)]], 5)).filter((_, i) => i % VOICES === 0)).toEqual([on + 72, on + 64, hold, rest, hold]);
  });

  it('decode to what was encoded', () => {
    fc.assert(fc.property(voices, (lines) => {
      expect(decodeHarmony(symbolsOf(encodeHarmony(lines)))).toEqual(lines);
    }), { seed: 1, numRuns: 500 });
  });

  it('need nothing of the future: what comes later changes no event before', () => {
    fc.assert(fc.property(voices, voices, fc.nat(40), (lines, others, step) => {
      // Up to `step` the one, from there on the other: a note that sounds there may go on or not.
      const mixed = lines.map((line, v) => [...line.filter((each) => each.step < step), ...(others[v] as GridNote[]).map((each) => ({ ...each, step: each.step + step }))]);
      expect(encodeHarmony(mixed, step)).toEqual(encodeHarmony(lines, step));
      const ended = lines.map((line) => line.filter((each) => each.step < step).map((each) => ({ ...each, steps: Math.min(each.steps, step - each.step) })));
      expect(encodeHarmony(ended, step)).toEqual(encodeHarmony(lines, step));
    }), { seed: 2, numRuns: 300 });
  });
});

describe('the grammar of four voices', () => {
  it('has nothing to hold before a voice did something, and no rest in a rest', () => {
    const heard = new HarmonyVoices();
    expect([heard.allows(hold), heard.allows(rest), heard.allows(on + 60)]).toEqual([false, true, true]);
    for (const symbol of [on + 60, on + 55, rest, on + 40]) heard.take(symbol);
    expect([heard.allows(hold), heard.allows(rest)]).toEqual([true, true]);
    for (const symbol of [hold, hold]) heard.take(symbol);
    expect([heard.voice, heard.allows(hold), heard.allows(rest)]).toEqual([2, true, false]);
  });

  it('allows all that is encoded, and what it allows round-trips', () => {
    fc.assert(fc.property(voices, (lines) => {
      const heard = new HarmonyVoices();
      for (const symbol of symbolsOf(encodeHarmony(lines))) {
        expect(heard.allows(symbol)).toBe(true);
        heard.take(symbol);
      }
    }), { seed: 3, numRuns: 300 });
    fc.assert(fc.property(fc.array(fc.nat(HARMONY_SYMBOLS - 1), { minLength: 40, maxLength: 80 }), (wanted) => {
      const heard = new HarmonyVoices();
      const symbols = wanted.slice(0, wanted.length - (wanted.length % VOICES)).map((symbol) => {
        const allowed = heard.allows(symbol) ? symbol : on + 60;
        heard.take(allowed);
        return allowed;
      });
      expect(symbolsOf(encodeHarmony(decodeHarmony(symbols), symbols.length / VOICES))).toEqual(symbols);
    }), { seed: 4, numRuns: 300 });
  });

  it('counts steps of the bar from where it is told', () => {
    const heard = new HarmonyVoices(14);
    const places = Array.from({ length: 9 }, () => {
      const place = heard.event(start).at(-1) as number;
      heard.take(on + 60);
      return place;
    });
    expect(places).toEqual([14, 30, 46, 62, 15, 31, 47, 63, 0]);
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
      decodeHarmony([...(piece.parts[0] as Int32Array)]).forEach((line, v) => {
        for (const { step, steps: length, pitch: key } of line) for (let s = step; s < step + length; s++) (grid[s] as number[])[v] = key;
      });
      expect(grid).toEqual(steps);
    });
    expect(pieces.slice(229).reduce((sum, { notes }) => sum + notes, 0)).toBe(4 * 18408);
  });

  it.skipIf(!fakes)('of MIDI files with four tracks is read a track a voice', () => {
    const { pieces, refused } = readCorpus('harmony', [join(fakes as string, 'midi', '0.mid')]);
    expect([pieces.length, refused]).toEqual([1, []]);
    expect([...((pieces[0] as Piece).parts[0] as Int32Array).subarray(0, 5)]).toEqual([on + 67, on + 63, on + 58, on + 51, hold]);
  });
});
