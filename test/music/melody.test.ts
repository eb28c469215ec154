import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { decodeMelody, encodeMelody, MELODY, MELODY_SYMBOLS, MelodyGrammar, type GridNote } from '../../src/music/melody.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventAt, eventsOf, type Piece } from '../../src/training/piece.ts';
import { dataSet, fixture } from '../fixtures/at.ts';

const note = (step: number, steps: number, key: number): GridNote => ({ step, steps, pitch: pitch(key) });
const { hold, off, on } = MELODY;

describe('a melody as symbols', () => {
  it('holds, rests and strikes on the grid', () => {
    expect(encodeMelody([note(4, 4, 60), note(10, 2, 62)])).toEqual([on + 60, hold, hold, hold, off, hold, on + 62, hold]);
    expect(encodeMelody([])).toEqual([]);
  });

  it('takes the highest of notes that begin together, and ends each where the next begins', () => {
    expect(encodeMelody([note(0, 8, 48), note(0, 8, 60), note(2, 1, 72)])).toEqual([on + 60, hold, on + 72]);
  });

  it('cuts a long rest to two bars', () => {
    expect(encodeMelody([note(0, 1, 60), note(100, 1, 61)])).toEqual([on + 60, off, ...Array.from({ length: 31 }, () => hold), on + 61]);
  });

  it('decodes what it encoded, where rests are short', () => {
    const line = fc.array(fc.record({ rest: fc.nat(32), steps: fc.integer({ min: 1, max: 40 }), key: fc.nat(127) }), { maxLength: 30 });
    fc.assert(fc.property(line, fc.nat(1000), (steps, from) => {
      let at = from;
      const notes = steps.map(({ rest, steps: length, key }, i) => {
        if (i > 0) at += rest;
        at += length;
        return note(at - length, length, key);
      });
      expect(decodeMelody(encodeMelody(notes), from)).toEqual(notes);
    }), { seed: 1, numRuns: 500 });
  });
});

describe('the grammar of melodies', () => {
  it('lets a model hold a note two bars, and what people wrote longer', () => {
    const grammar = new MelodyGrammar();
    grammar.take(on + 60);
    for (let held = 1; held < 32; held++) {
      expect(grammar.writes(hold)).toBe(true);
      grammar.take(hold);
    }
    expect([grammar.writes(hold), grammar.allows(hold)]).toEqual([false, true]);
    expect([off, on + 60, on + 62].map((symbol) => grammar.writes(symbol))).toEqual([true, true, true]);
    grammar.take(on + 60);
    expect(grammar.writes(hold)).toBe(true);
  });

  it('lets a rest begin only while a note sounds', () => {
    const grammar = new MelodyGrammar();
    const allowed = (): number[] => Array.from({ length: MELODY_SYMBOLS }, (_, symbol) => symbol).filter((symbol) => !grammar.allows(symbol));
    expect(allowed()).toEqual([off]);
    grammar.take(on + 60);
    grammar.take(hold);
    expect([grammar.sounding, allowed()]).toEqual([60, []]);
    grammar.take(off);
    grammar.take(hold);
    expect(allowed()).toEqual([off]);
    grammar.take(on + 1);
    grammar.take(MELODY.start);
    expect(allowed()).toEqual([off]);
  });

  it('lets no rest be longer than the longest it keeps', () => {
    const grammar = new MelodyGrammar();
    for (const symbol of [MELODY.on + 60, MELODY.hold, MELODY.off, ...Array.from({ length: 31 }, () => MELODY.hold)]) {
      expect(grammar.allows(symbol)).toBe(true);
      grammar.take(symbol);
    }
    expect([MELODY.hold, MELODY.off, MELODY.on + 60].map((symbol) => grammar.allows(symbol))).toEqual([false, false, true]);
    grammar.take(MELODY.on + 60);
    expect(grammar.allows(MELODY.hold)).toBe(true);
  });

  const sets = ['folk/airdsAirs', 'folk/ryansMammoth', 'leadsheets'].flatMap((name) => dataSet(name) ?? []);
  const tunes = readCorpus('melody', [fixture('folk'), fixture('pop909'), ...sets]).pieces;

  it(`lets every step of ${tunes.length} real tunes through`, () => {
    expect(tunes.length).toBeGreaterThanOrEqual(27);
    expect(eventsOf(tunes)).toBeGreaterThan(5000);
    for (const tune of tunes) {
      const grammar = new MelodyGrammar();
      for (let i = 0; i < (tune.parts[0] as Int32Array).length; i++) {
        const [symbol] = eventAt(tune, i) as [number];
        if (!grammar.allows(symbol)) throw new Error(`${tune.id}: ${symbol} at step ${i}`);
        grammar.take(symbol);
      }
    }
  });

  it('reads a tune as it is printed: Acacia Reel', () => {
    const reel = readCorpus('melody', [fixture('folk/AcaciaReel1.mid')]).pieces[0] as Piece;
    const played = decodeMelody([...(reel.parts[0] as Int32Array)]);
    expect(played.slice(0, 9).map(({ steps, pitch: key }) => [steps, key])).toEqual([[1, 62], [1, 66], [2, 67], [1, 67], [1, 69], [1, 71], [1, 72], [1, 74], [1, 71]]); // DF|G2GA BcdB
    expect(played).toHaveLength(reel.notes);
  });
});
