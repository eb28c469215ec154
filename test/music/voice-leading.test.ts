import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chordToneRate, inChordRatio } from '../../src/music/chord-tones.ts';
import { voiceLeading, type Voicing } from '../../src/music/voice-leading.ts';
import { dataSet } from '../fixtures/at.ts';

/** I V I in C, without a fault. */
const CLEAN: Voicing[] = [[72, 67, 64, 48], [71, 67, 62, 55], [72, 67, 64, 48]];
const none = { parallelFifths: 0, parallelOctaves: 0, crossings: 0, rangeViolations: 0 };

describe('voice leading', () => {
  it.each([
    ['a cadence', CLEAN, { steps: 3, moves: 2, voicings: 12, ...none }],
    ['parallel fifths of tenor and bass', [[72, 67, 55, 48], [72, 67, 57, 50]], { steps: 2, moves: 1, voicings: 8, ...none, parallelFifths: 1 }],
    ['a fifth that becomes a twelfth', [[72, 64, 55, 48], [76, 64, 69, 50]], { steps: 2, moves: 1, voicings: 8, ...none, parallelFifths: 1, crossings: 1 }],
    ['parallel octaves of soprano and bass, an octave or more apart', [[72, 67, 64, 48], [74, 67, 65, 50]], { steps: 2, moves: 1, voicings: 8, ...none, parallelOctaves: 1 }],
    ['fifths in contrary motion, and an octave that is held', [[67, 60, 55, 48], [67, 60, 50, 55]], { steps: 2, moves: 1, voicings: 8, ...none, crossings: 1 }],
    ['a fifth struck again, and one after a silence', [[67, 60, 55, 48], [67, 60, 55, 48], [-1, -1, -1, -1], [69, 62, 57, 50]], { steps: 3, moves: 0, voicings: 12, ...none }],
    ['an alto over the soprano', [[64, 67, 60, 48]], { steps: 1, moves: 0, voicings: 4, ...none, crossings: 1 }],
    ['a soprano and a bass out of range', [[85, 67, 60, 30], [85, -1, 60, 48]], { steps: 2, moves: 0, voicings: 7, ...none, rangeViolations: 3 }],
  ] as const)('counts %s', (_, voicings, counts) => expect(voiceLeading(voicings)).toEqual(counts));

  it('is the same in every key', () => {
    const voicing = fc.tuple(...[60, 55, 50, 45].map((low) => fc.integer({ min: low, max: low + 12 })));
    fc.assert(fc.property(fc.array(voicing, { maxLength: 12 }), fc.integer({ min: -12, max: 12 }), (voicings, by) => {
      const free = [[0, 127], [0, 127], [0, 127], [0, 127]] as const;
      expect(voiceLeading(voicings.map((each) => each.map((pitch) => pitch + by)), free)).toEqual(voiceLeading(voicings, free));
    }), { seed: 1, numRuns: 100 });
  });
});

describe('chord tones', () => {
  const chords = [{ start: 0, length: 4, classes: [0, 4, 7] }, { start: 4, length: 4, classes: [7, 11, 2] }];
  const notes = [{ start: 0, length: 2, pitch: 60 }, { start: 2, length: 1, pitch: 62 }, { start: 3, length: 2, pitch: 64 }, { start: 6, length: 4, pitch: 71 }, { start: 12, length: 1, pitch: 61 }];

  it('are told by the time they sound under their chord', () => expect(inChordRatio(notes, chords)).toBe((2 + 1 + 2) / (2 + 1 + 2 + 2)));
  it('are told by where they are struck', () => {
    expect(chordToneRate(notes, chords)).toBe(3 / 4);
    expect(chordToneRate(notes, chords, (start) => start % 2 === 0)).toBe(2 / 3);
  });
  it('are not judged where there is no chord', () => expect([inChordRatio(notes, []), chordToneRate([], chords)]).toEqual([NaN, NaN]));
});

const chorales = dataSet('chorales');
describe.skipIf(!chorales)(chorales ? "Bach's chorales" : "Bach's chorales (skipped: ../shared/data is not here)", () => {
  it('have hardly a parallel, and far more when two of their voices are doubled', () => {
    const { train } = JSON.parse(readFileSync(`${chorales}/jsb16.json`, 'utf8')) as { train: Record<string, Voicing[]> };
    const pieces = Object.values(train);
    const total = (of: (piece: Voicing[]) => Voicing[]) => pieces.map((piece) => voiceLeading(of(piece))).reduce((sum, each) => ({ moves: sum.moves + each.moves, parallels: sum.parallels + each.parallelFifths + each.parallelOctaves }), { moves: 0, parallels: 0 });
    const bach = total((piece) => piece);
    const doubled = total((piece) => piece.map(([soprano = -1, alto = -1, , bass = -1]) => [soprano, alto, soprano < 0 ? -1 : soprano - 12, bass]));
    expect(bach.moves).toBeGreaterThan(5000);
    expect(bach.parallels / bach.moves).toBeLessThan(0.02);
    expect(doubled.parallels / doubled.moves).toBeGreaterThan(0.3);
  });
});
