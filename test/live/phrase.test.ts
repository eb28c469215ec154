import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/units.ts';
import { initialParams } from '../../src/live/params.ts';
import { Phrase } from '../../src/live/phrase.ts';

const PARAMS = { ...initialParams(), silence: 400, patience: 2 };

/** Notes of 100 ms, one every `gap`, the first at `from`. */
const play = (phrase: Phrase, count: number, gap: number, from = 0, velocity = 80): number => {
  for (let i = 0; i < count; i++) {
    phrase.on(ms(from + i * gap), velocity);
    phrase.off(ms(from + i * gap + 100));
  }
  return from + (count - 1) * gap;
};

describe('the end of a phrase', () => {
  it('comes after the least silence while the player has no usual gap', () => {
    const phrase = new Phrase();
    play(phrase, 2, 300);
    expect(phrase.end(PARAMS, 0)).toBe(300 + 400);
  });

  it('comes later for a slow player than for a quick one', () => {
    const quick = new Phrase();
    const slow = new Phrase();
    const [lastQuick, lastSlow] = [play(quick, 6, 150), play(slow, 6, 700)];
    expect(quick.end(PARAMS, 0) - lastQuick).toBe(400);
    expect(slow.end(PARAMS, 0) - lastSlow).toBe(1400);
  });

  it('follows the player who slows down, and never waits longer than four seconds', () => {
    const phrase = new Phrase();
    let last = play(phrase, 8, 200);
    expect(phrase.silence(PARAMS)).toBe(400);
    last = play(phrase, 24, 900, last + 900);
    expect(phrase.silence(PARAMS)).toBe(1800);
    play(phrase, 24, 3000, last + 3000);
    expect(phrase.silence(PARAMS)).toBe(4000);
  });

  it('counts a chord as one onset', () => {
    const phrase = new Phrase();
    for (let chord = 0; chord < 4; chord++) for (const late of [0, 12, 25]) phrase.on(ms(chord * 600 + late), 80);
    expect(phrase.silence(PARAMS)).toBeGreaterThan(1100);
    expect(phrase.notes).toBe(12);
  });

  it('waits longer with a key held, and most of a silence after a key let go late', () => {
    const phrase = new Phrase();
    phrase.on(ms(0), 80);
    expect(phrase.end(PARAMS, 1)).toBe(1200);
    phrase.off(ms(900));
    expect(phrase.end(PARAMS, 0)).toBe(1200);
    phrase.off(ms(50));
    expect(phrase.end(PARAMS, 0)).toBe(400);
  });
});

describe('what a phrase tells', () => {
  it('is its length, density and mean velocity', () => {
    const phrase = new Phrase();
    play(phrase, 5, 250, 1000, 60);
    phrase.on(ms(2250), 120);
    phrase.off(ms(3000));
    expect([phrase.notes, phrase.length, phrase.density, phrase.velocity]).toEqual([6, 2000, 3, 70]);
  });

  it('is of the phrase before until the new one has notes enough', () => {
    const phrase = new Phrase();
    expect([phrase.pace, phrase.velocity]).toEqual([2, 64]);
    play(phrase, 9, 250, 0, 100);
    const { density } = phrase;
    phrase.clear();
    expect([phrase.notes, phrase.pace, phrase.velocity]).toEqual([0, density, 100]);
    phrase.on(ms(9000), 50);
    // One note in no time is no density to follow.
    expect([phrase.pace, phrase.velocity]).toEqual([density, 50]);
  });

  it('goes on as a whole where it was not over after all', () => {
    const phrase = new Phrase();
    play(phrase, 4, 250, 1000, 60);
    phrase.clear();
    phrase.on(ms(2500), 100);
    phrase.off(ms(2600));
    phrase.resume();
    phrase.resume();
    expect([phrase.notes, phrase.first, phrase.length, phrase.velocity]).toEqual([5, 1000, 1600, 68]);
    // The rest that was taken for the end is one of the player's gaps now.
    expect(phrase.silence({ ...PARAMS, silence: 150 })).toBe(500);
    for (const late of [750, 750, 750]) phrase.on(ms(phrase.last + late), 80);
    expect(phrase.silence({ ...PARAMS, silence: 150 })).toBe(1500);
  });
});
