import { describe, expect, it } from 'vitest';
import { CHORD_KINDS, CHORDS, chordNamed, chordNumber, chordOfNumber, kindNamed, tonesOf } from '../../src/music/chord.ts';
import { recogniseChords, type Sonority } from '../../src/music/recognise-chords.ts';

const sounding = (...keys: readonly number[]): Sonority => ({
  weights: Array.from({ length: 12 }, (_, tone) => keys.filter((key) => key % 12 === tone).length),
  bass: keys.length > 0 ? Math.min(...keys) % 12 : null,
});
const called = (number: number): string => `${number % 12} ${CHORD_KINDS[Math.floor(number / 12)]?.name}`;
const recognised = (...beats: readonly (readonly number[])[]): (string | null)[] => recogniseChords(beats.map((keys) => sounding(...keys))).map((chord) => chord && called(chordNumber(chord)));

describe('chords', () => {
  it('are numbers and back', () => {
    const numbers = Array.from({ length: CHORDS }, (_, number) => number);
    expect(numbers.map((number) => chordNumber(chordOfNumber(number)))).toEqual(numbers);
  });

  it('have the tones of their kind over their root', () => {
    expect([{ root: 9, kind: 1 }, { root: 7, kind: 2 }, { root: 11, kind: 10 }].map(tonesOf)).toEqual([[9, 0, 4], [7, 11, 2, 5], [11, 2, 5, 8]]);
  });

  it('are read by name, the bass left out', () => {
    expect([chordNamed('C:maj'), chordNamed('Ab:min7/b7'), chordNamed('C#:sus4(b7)'), chordNamed('Cb:maj'), chordNamed('F')]).toEqual([
      { root: 0, kind: 0 }, { root: 8, kind: 4 }, { root: 1, kind: 15 }, { root: 11, kind: 0 }, { root: 5, kind: 0 },
    ]);
    expect([chordNamed('N'), chordNamed('H:maj'), chordNamed('C:strange'), chordNamed('')]).toEqual([null, undefined, undefined, undefined]);
    expect([kindNamed('dominant-ninth'), kindNamed('toString')]).toEqual([2, undefined]);
  });

  it('have no name twice', () => {
    const names = CHORD_KINDS.flatMap((row) => row.names as readonly string[]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('chords recognised', () => {
  it('are those whose tones sound', () => {
    expect(recognised([48, 52, 55], [45, 57, 60, 64], [43, 59, 62, 65], [49, 52, 55])).toEqual(['0 major', '9 minor', '7 seventh', '1 diminished']);
  });

  it('change for no passing note, hold through silence, and begin with the first sound', () => {
    expect(recognised([], [48, 52, 55], [48, 50, 52, 55], [], [41, 57, 60, 65])).toEqual([null, '0 major', '0 major', '0 major', '5 major']);
    expect(recognised([], [])).toEqual([null, null]);
  });
});
