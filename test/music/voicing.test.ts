import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { CHORDS, chordOfNumber, tonesOf } from '../../src/music/chord.ts';
import { voiceChord } from '../../src/music/voicing.ts';

const [C, F, G7, Am] = [{ root: 0, kind: 0 }, { root: 5, kind: 0 }, { root: 7, kind: 2 }, { root: 9, kind: 1 }];
const keys = (...all: number[]) => all.map(pitch);

describe('a chord laid', () => {
  it('begins in the middle, then moves its voices as little as can be', () => {
    const first = voiceChord(C, [], 53, 76);
    expect(first).toEqual([60, 64, 67]);
    expect(voiceChord(F, first, 53, 76)).toEqual([60, 65, 69]);
    expect(voiceChord(Am, first, 53, 76)).toEqual([60, 64, 69]);
    expect(voiceChord(G7, first, 53, 76)).toEqual([59, 62, 65, 67]);
  });

  it('is nothing where the range has no room for it', () => {
    expect(voiceChord(C, [], 60, 66)).toEqual([]);
    expect(voiceChord(C, keys(60), 60, 67)).toEqual([60, 64, 67]);
  });

  it('has the chord\'s tones, each once, rising within an octave and within the range', () => {
    fc.assert(fc.property(fc.nat(CHORDS - 1), fc.nat(CHORDS - 1), (one, other) => {
      const before = voiceChord(chordOfNumber(one), [], 53, 76);
      const voices = voiceChord(chordOfNumber(other), before, 53, 76);
      expect(voices.map((voice) => voice % 12).sort()).toEqual([...tonesOf(chordOfNumber(other))].sort());
      expect(voices).toEqual([...voices].sort((a, b) => a - b));
      expect([voices[0]! >= 53, voices.at(-1)! <= 76, voices.at(-1)! - voices[0]! < 12]).toEqual([true, true, true]);
    }), { seed: 1, numRuns: 500 });
  });
});
