import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { consonant, harshness, thirdAbove, thirdBelow } from '../../src/music/consonance.ts';
import { SCALES, inScale } from '../../src/music/scale.ts';

describe('consonance', () => {
  it('takes unison, thirds, fourths, fifths, sixths and octaves, in either direction', () => {
    const taken = new Set([0, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 19, 20, 21, 24]);
    for (let interval = 0; interval <= 24; interval++) {
      expect(consonant(interval), `${interval}`).toBe(taken.has(interval));
      expect(consonant(-interval)).toBe(consonant(interval));
    }
  });

  it('has semitones twice as harsh as whole tones and tritones, in whatever octave', () => {
    expect(Array.from({ length: 14 }, (_, interval) => harshness(interval))).toEqual([0, 2, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 2]);
    expect([-1, -10, -23].map(harshness)).toEqual([2, 1, 2]);
  });

  const C_MAJOR = [0, 1] as const;
  it.each([
    [60, [57, 52, 48]], // C: A, E, C
    [62, [59, 55, 50]], // D: B, and G for the F that would make a tritone
    [64, [60, 55, 52]],
    [65, [62, 57, 53]],
    [67, [64, 59, 55]],
    [69, [65, 60, 57]],
    [71, [67, 62, 59]],
  ])('lays %d in C major over %j', (struck, under) => {
    expect(thirdBelow(pitch(struck), ...C_MAJOR, 3)).toEqual(under);
    expect(thirdBelow(pitch(struck), ...C_MAJOR, 1)).toEqual(under.slice(0, 1));
  });

  it('lays thirds and sixths above', () => {
    expect(thirdAbove(pitch(60), ...C_MAJOR, 2)).toEqual([64, 69]);
    expect(thirdAbove(pitch(62), ...C_MAJOR, 2)).toEqual([65, 69]);
  });

  it('stays on the keyboard, in the scale, and consonant throughout', () => {
    for (const [row] of SCALES.entries()) {
      for (let root = 0; root < 12; root++) {
        for (let struck = 0; struck < 128; struck++) {
          for (const harmony of [thirdBelow, thirdAbove]) {
            const added = harmony(pitch(struck), root, row, 3);
            const all = [struck, ...added];
            const kept = added.every((p) => p >= 0 && p <= 127 && inScale(p, root, row)) && new Set(added).size === added.length;
            const sounds = all.every((a) => all.every((b) => consonant(a - b)));
            const some = added.length > 0 || !inScale(struck, root, row) || struck < 24 || struck >= 104;
            if (!kept || !sounds || !some) expect.fail(`${struck} in row ${row} on ${root}: ${added.join()}`);
          }
        }
      }
    }
    expect(thirdBelow(pitch(1), 0, 0, 3)).toEqual([]);
    expect(thirdBelow(pitch(60), 0, 1, 0)).toEqual([]);
  });
});
