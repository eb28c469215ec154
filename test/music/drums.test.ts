import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDrums, DRUM, DRUMS, DrumGrammar, drumOf, encodeDrums, STYLES, tempoBin, type DrumManner, type Hit } from '../../src/music/drums.ts';
import { readCorpus } from '../../src/training/corpus.ts';
import { eventAt } from '../../src/training/piece.ts';
import { dataSet } from '../fixtures/at.ts';

const manner: DrumManner = { bar: 16, style: 0, kind: 0, bpm: null };
const hit = (step: number, drum: number, velocity = 100, offset = 0): Hit => ({ step, drum, velocity, offset });
const { step } = DRUM;
const whats = (events: readonly (readonly number[])[]): number[] => events.map(([what]) => what as number);

/** Hits in playing order, each class once a step, no silence longer than two bars; the first in the first bar. */
const hits = fc.array(fc.record({ gap: fc.nat(16), drum: fc.nat(8), velocity: fc.integer({ min: 1, max: 127 }), offset: fc.double({ min: -0.5, max: 0.5, noNaN: true }) }), { maxLength: 30 })
  .map((rows) => {
    let at = 0;
    const all = rows.map(({ gap, drum, velocity, offset }) => hit((at += gap), drum, velocity, offset)).sort((a, b) => a.step - b.step || a.drum - b.drum);
    return all.filter((each, i) => each.step !== all[i - 1]?.step || each.drum !== all[i - 1]?.drum);
  });

describe('drums as events', () => {
  it('strike in the order of the table, then step', () => {
    const events = encodeDrums([hit(0, 2, 64), hit(0, 0, 100, 0.25), hit(2, 1, 127, -0.5)], { bar: 16, style: 17, kind: 1, bpm: 120 });
    expect(events).toEqual([
      [0, 25, 12, 0, 17, 1, 7],
      [2, 16, 8, 0, 17, 1, 7],
      [step, 32, 17, 1, 17, 1, 7],
      [step, 32, 17, 2, 17, 1, 7],
      [1, 31, 0, 2, 17, 1, 7],
    ]);
  });

  it('keep the loudest of a class at a step', () => {
    expect(encodeDrums([hit(0, 1, 40), hit(0, 1, 90), hit(0, 1, 60)], manner).map(([, velocity]) => velocity)).toEqual([22]);
  });

  it('cut a long silence by whole bars', () => {
    const steps = (gap: number, bar: number): number => whats(encodeDrums([hit(0, 0), hit(gap, 0)], { ...manner, bar })).filter((what) => what === step).length;
    expect([steps(32, 16), steps(33, 16), steps(48, 16), steps(163, 16), steps(40, 12)]).toEqual([32, 17, 16, 19, 16]);
  });

  it('count the steps of their own bar', () => {
    expect(encodeDrums([hit(0, 0), hit(13, 0)], { ...manner, bar: 12 }).map((event) => event[3])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 1]);
  });

  it('decode to what was encoded, within a bin', () => {
    fc.assert(fc.property(hits, (played) => {
      const back = decodeDrums(encodeDrums(played, manner));
      expect(back.map((each) => [each.step, each.drum])).toEqual(played.map((each) => [each.step, each.drum]));
      back.forEach(({ velocity, offset }, i) => {
        expect(Math.abs(velocity - (played[i] as Hit).velocity)).toBeLessThanOrEqual(2);
        expect(Math.abs(offset - (played[i] as Hit).offset)).toBeLessThanOrEqual(1 / 32 + 1e-12);
      });
      expect(encodeDrums(back, manner)).toEqual(encodeDrums(played, manner));
    }), { seed: 1, numRuns: 400 });
  });

  it('are what their grammar allows, and no class twice at a step', () => {
    fc.assert(fc.property(hits, (played) => {
      const grammar = new DrumGrammar();
      for (const what of whats(encodeDrums(played, manner))) {
        expect(grammar.allows(what)).toBe(true);
        grammar.take(what);
        if (what !== step) expect([grammar.allows(what), grammar.allows(0)]).toEqual([false, false]);
      }
      expect([grammar.allows(step), grammar.allows(DRUM.start)]).toEqual([true, false]);
    }), { seed: 2, numRuns: 200 });
  });

  it('fold every key of the Roland TD-11 to a class, and each class to itself', () => {
    expect([36, 38, 40, 37, 48, 50, 45, 47, 43, 58, 46, 26, 42, 22, 44, 49, 55, 57, 52, 51, 59, 53].map(drumOf)).toEqual([0, 1, 1, 1, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 2, 7, 7, 7, 7, 8, 8, 8]);
    expect(DRUMS.map(({ key }) => drumOf(key))).toEqual(DRUMS.map((_, i) => i));
    expect([drumOf(56), drumOf(70)]).toEqual([undefined, undefined]);
  });

  it('tell tempos apart, and an unknown one from all', () => {
    expect([null, 20, 40, 51, 52, 120, 300].map(tempoBin)).toEqual([0, 1, 1, 1, 2, 7, 16]);
  });
});

const groove = dataSet('groove/drummer1');
const freedoom = dataSet('freedoom');

describe('real drums', () => {
  it.skipIf(!groove)('keep the side, style, kind and tempo their list gives, and come back', () => {
    const { pieces, refused } = readCorpus('drums', [groove as string], undefined, 1);
    expect(refused).toEqual([]);
    expect(new Set(pieces.map(({ side }) => side))).toEqual(new Set(['train', 'tune']));
    const funk = pieces.find(({ id }) => id.endsWith('1_funk_80_beat_4-4.mid') && id.startsWith('session1'));
    expect(funk && eventAt(funk, 0).slice(4)).toEqual([STYLES.indexOf('funk'), 1, tempoBin(80)]);
    for (const piece of pieces) {
      const events = Array.from({ length: piece.parts[0]?.length ?? 0 }, (_, i) => eventAt(piece, i));
      const back = decodeDrums(events);
      expect(back.length).toBe(piece.notes);
      if (events[0]?.[3] === 0) expect(whats(encodeDrums(back, manner))).toEqual(whats(events));
    }
  });

  it.skipIf(!freedoom)('of songs are those of channel 10', () => {
    const { pieces } = readCorpus('drums', [freedoom as string]);
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.every(({ side }) => side === undefined)).toBe(true);
  });
});
