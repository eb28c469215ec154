import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { voicingsOf } from '../../src/music/four-voices.ts';
import { emptyBarRate, emptyBeatRate, grooveConsistency } from '../../src/music/groove.ts';
import { HISTOGRAMS } from '../../src/music/histograms.ts';
import { MEASURES, measuresOf, pitchInScaleRate, SCALARS, type MeasureName } from '../../src/music/measures.ts';
import { polyphony, polyphonyRate, soundingTicks } from '../../src/music/polyphony.ts';
import { scoreOf, type Score } from '../../src/music/score.ts';
import { readSmf, type SongNote, type Track } from '../../src/music/smf-read.ts';
import { fixture } from '../fixtures/at.ts';

type Written = readonly [quarter: number, quarters: number, pitch: number];
const PPQ = 480;
const track = (notes: readonly Written[], on = 1): Track => ({
  name: '',
  program: null,
  controls: [],
  notes: notes.map(([at, length, key]): SongNote => ({ start: ms(0), duration: ms(0), pitch: pitch(key), velocity: velocity(80), channel: channel(on), tick: at * PPQ, ticks: length * PPQ })),
});
const score = (...tracks: readonly Track[]): Score => scoreOf({ ppq: PPQ, tracks, tempos: [], metres: [{ tick: 0, numerator: 4, denominator: 4 }], duration: ms(0), faults: [] });
const scalar = (name: (typeof SCALARS)[number]['name'], music: Score): number => (SCALARS.find((row) => row.name === name) as (typeof SCALARS)[number]).of(music);
const histogram = (name: (typeof HISTOGRAMS)[number]['name'], music: Score): Record<string, number> => {
  const { bins, of } = HISTOGRAMS.find((row) => row.name === name) as (typeof HISTOGRAMS)[number];
  return Object.fromEntries(of(music).flatMap((count, i) => (count > 0 ? [[bins[i] as string, count]] : [])));
};

/** Two bars: C E G C as quarters, then a half C under a whole E, and a leap to a C#. */
const TUNE = score(track([[0, 1, 60], [1, 1, 64], [2, 1, 67], [3, 1, 72], [4, 2, 48], [4, 4, 64], [7.5, 0.5, 85]]));

describe('measures of exact music', () => {
  it.each([
    ['notes', 7], ['density', 7 / 8], ['pitchRange', 37], ['pitchesUsed', 6], ['pitchClassesUsed', 4], ['scaleConsistency', 6 / 7],
    ['pitchClassEntropy', -(3 / 7) * Math.log2(3 / 7) - (2 / 7) * Math.log2(2 / 7) - (2 / 7) * Math.log2(1 / 7)],
    ['meanInterval', (4 + 3 + 5 + 8 + 21) / 5], ['meanOnsetInterval', 7.5 / 5], ['meanLength', 10.5 / 7], ['meanVelocity', 80],
    ['polyphony', 10.5 / 8], ['polyphonyRate', 0], ['emptyBeatRate', 0], ['emptyMeasureRate', 0], // The last note ends on a bar line, so a third, empty bar counts: 3 places were left and 1 is new, then 2 are left.
    ['grooveConsistency', 1 - (3 + 1 + 2) / 32],
  ] as const)('%s is %f', (name, value) => expect(scalar(name, TUNE)).toBeCloseTo(value, 12));

  it.each([
    ['pitchClasses', { C: 3, E: 2, G: 1, 'C#': 1 }], ['intervals', { 4: 1, 3: 1, 5: 1, '-8': 1, 12: 1 }],
    ['noteLengths', { '1/4': 4, '1/2': 1, '1/1': 1, '1/8': 1 }], ['onsetPositions', { 1: 3, 5: 1, 9: 1, 13: 1, 15: 1 }],
  ] as const)('%s', (name, counts) => expect(histogram(name, TUNE)).toEqual(counts));

  it('tell how long how many pitches sound, a pitch in two tracks being one', () => {
    const music = score(track([[1, 3, 60], [1, 1, 64], [1, 1, 67]]), track([[2, 1, 60]]));
    expect(soundingTicks(music).map((ticks) => ticks / PPQ)).toEqual([1, 2, 0, 1]);
    expect([polyphony(music), polyphonyRate(music), polyphonyRate(music, 3)]).toEqual([5 / 3, 1 / 4, 0]);
  });

  it('keep drums apart from pitches', () => {
    const music = score(track([[0, 0.25, 36], [0.5, 0.25, 38], [0.6, 0.25, 42]], 10), track([[0, 1, 60]]));
    expect([scalar('notes', music), scalar('pitchesUsed', music), scalar('polyphony', music)]).toEqual([4, 1, 1]);
    expect(scalar('drumPatternConsistency', music)).toBeCloseTo(2 / 3, 12);
    expect(histogram('onsetPositions', music)).toEqual({ 1: 2, 3: 2 });
  });

  it('judge four voices, whatever the order of their tracks', () => {
    const voices = [[[0, 1, 48], [1, 1, 50]], [[0, 1, 72], [1, 1, 74]], [[0, 1, 64], [1, 0.5, 64]], [[0, 1, 67], [1, 1, 69]]] as const;
    const music = score(...voices.map((notes) => track(notes)));
    expect(voicingsOf(music)).toEqual([...Array.from({ length: 4 }, () => [72, 67, 64, 48]), [74, 69, 64, 50], [74, 69, 64, 50], [74, 69, -1, 50], [74, 69, -1, 50]]);
    // Octaves of soprano and bass, fifths of alto and bass.
    expect((['parallelRate', 'crossingRate', 'outOfRangeRate'] as const).map((name) => scalar(name, music))).toEqual([2, 0, 0]);
    expect(measuresOf(TUNE).parallelRate).toBeNull();
  });

  it('follow a change of metre', () => {
    const metres = [{ tick: 0, numerator: 3, denominator: 4 }, { tick: 3 * PPQ, numerator: 4, denominator: 4 }];
    const music = { ...score(track([[2, 1, 60], [3, 1, 62], [6, 1, 64], [6.99, 0.5, 64]])), metres };
    expect(histogram('onsetPositions', music)).toEqual({ 9: 1, 1: 2, 13: 1 });
  });

  it('have nothing to say of no music', () => {
    const nothing = measuresOf(score());
    expect(Object.entries(nothing).filter(([, value]) => value !== null)).toEqual([['notes', 0], ['pitchesUsed', 0], ['pitchClassesUsed', 0]]);
  });
});

const music = fc.array(fc.tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 1, max: 16 }), fc.integer({ min: 12, max: 115 })), { minLength: 1, maxLength: 40 })
  .map((notes) => notes.map(([at, length, key]): Written => [at / 4, length / 4, key]));

describe('laws of measures', () => {
  it('shares sum to one, and rates lie between 0 and 1', () => {
    fc.assert(fc.property(music, (notes) => {
      const measured = measuresOf(score(track(notes)));
      for (const { name, kind } of MEASURES) {
        const value = measured[name];
        if (kind === 'histogram' && value !== null) expect((value as number[]).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }
      for (const { name, unit } of SCALARS) {
        const value = measured[name] as number | null;
        if (unit === 'share' && value !== null) expect(value >= 0 && value <= 1).toBe(true);
      }
      expect(measured.polyphony).toBeGreaterThanOrEqual(1);
    }), { seed: 1, numRuns: 200 });
  });

  it('transposition leaves all but the pitch classes as they are', () => {
    fc.assert(fc.property(music, fc.integer({ min: -12, max: 12 }), (notes, by) => {
      const { pitchClasses: before, ...same } = measuresOf(score(track(notes)));
      const { pitchClasses: after, ...others } = measuresOf(score(track(notes.map(([at, length, key]) => [at, length, key + by] as const))));
      for (const [name, value] of Object.entries(same)) {
        if (typeof value === 'number') expect(others[name as keyof typeof others]).toBeCloseTo(value, 9);
        else expect(others[name as keyof typeof others]).toEqual(value);
      }
      expect((after as number[]).map((_, i) => (after as number[])[(i + by + 12) % 12])).toEqual(before);
    }), { seed: 2, numRuns: 100 });
  });

  it('the same bar again and again has a groove of 1 until the last', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1 }), fc.integer({ min: 2, max: 6 }), (places, bars) => {
      const notes = Array.from({ length: bars }, (_, bar) => places.map((place): Written => [4 * bar + place / 4, 0.125, 60])).flat();
      expect(grooveConsistency(score(track(notes)), 4)).toBe(places.includes(15) ? 1 - places.length / (16 * bars) : 1);
    }), { seed: 3, numRuns: 100 });
  });
});

interface Figures {
  readonly figures: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
}

/** What muspy calls each of ours. */
const MUSPY: Readonly<Record<string, MeasureName | ((music: Score) => number)>> = {
  pitch_range: 'pitchRange',
  n_pitches_used: 'pitchesUsed',
  n_pitch_classes_used: 'pitchClassesUsed',
  polyphony: 'polyphony',
  polyphony_rate: 'polyphonyRate',
  scale_consistency: 'scaleConsistency',
  pitch_entropy: 'pitchEntropy',
  pitch_class_entropy: 'pitchClassEntropy',
  empty_beat_rate: emptyBeatRate,
  drum_pattern_consistency: 'drumPatternConsistency',
  'pitch_in_scale_rate D minor': (song) => pitchInScaleRate(song, 2, 'minor'),
  'pitch_in_scale_rate G major': (song) => pitchInScaleRate(song, 7, 'major'),
  empty_measure_rate: emptyBarRate,
  groove_consistency: (song) => grooveConsistency(song, song.ppq),
  'groove_consistency on 16ths': 'grooveConsistency',
};

describe('agreement with muspy', () => {
  const { figures } = JSON.parse(readFileSync(fixture('muspy.json'), 'utf8')) as Figures;
  it('is on ten files and every figure', () => expect([Object.keys(figures).length, Object.keys(Object.values(figures)[0] ?? {})]).toEqual([10, Object.keys(MUSPY)]));
  it.each(Object.entries(figures))('%s', (file, theirs) => {
    const song = scoreOf(readSmf(readFileSync(fixture(file))));
    const measured = measuresOf(song);
    const ours = Object.fromEntries(Object.entries(MUSPY).map(([name, of]) => [name, typeof of === 'string' ? measured[of] : of(song)]));
    const near = Object.fromEntries(Object.entries(theirs).map(([name, value]) => [name, value === null ? null : (expect.closeTo(value, 9) as number)]));
    expect(ours).toEqual(near);
  });
});
