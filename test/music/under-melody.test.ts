import { describe, expect, it } from 'vitest';
import { CHORD } from '../../src/music/accompaniment.ts';
import { chordNamed, chordNumber, type Chord } from '../../src/music/chord.ts';
import { againstMelody } from '../../src/music/under-melody.ts';

const chord = (name: string): number => chordNumber(chordNamed(name) as Chord);

describe('a chord under a melody', () => {
  const [c, g7] = [chord('C:maj'), chord('G:7')];
  const on = (number: number): number => CHORD.on + number;

  it('is less likely on a strong beat where the melody is none of its tones, by the same for one that goes on', () => {
    expect([60, 64, 79, 65, 59].map((key) => againstMelody(on(c), g7, key, 0, 2))).toEqual([0, 0, 0, -2, -2]);
    expect([60, 64, 79, 65, 59].map((key) => againstMelody(CHORD.hold, g7, key, 4, 2))).toEqual([-2, -2, 0, 0, 0]);
  });

  it('is left to the model on other beats, where nothing is sung, and where no chord stands', () => {
    expect([1, 2, 3, 5, 6, 7].map((place) => againstMelody(on(c), g7, 65, place))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(againstMelody(on(c), g7, -1, 0)).toBe(0);
    expect(againstMelody(CHORD.none, g7, 60, 0)).toBe(0);
    expect(againstMelody(CHORD.hold, -1, 60, 0)).toBe(0);
  });
});
