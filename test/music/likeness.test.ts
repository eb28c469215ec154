import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { alike, density, likeness, phraseLength } from '../../src/music/likeness.ts';
import type { Note } from '../../src/music/note.ts';

/** `count` notes of 200 ms, `gap` apart. */
const run = (count: number, gap: number, start = 0): Note[] =>
  Array.from({ length: count }, (_, i) => ({ start: ms(start + i * gap), duration: ms(200), pitch: pitch(60 + i), velocity: velocity(64), channel: channel(1) }));

describe('likeness of an answer to its phrase', () => {
  it('measures from the first note struck to the end of the last to sound, in any order', () => {
    const long = { ...run(1, 0)[0], duration: ms(5000) } as Note;
    expect(phraseLength(run(4, 500, 9000))).toBe(1700);
    expect(phraseLength([...run(4, 500), long].reverse())).toBe(5000);
    expect(phraseLength([])).toBe(0);
  });

  it('counts notes a second', () => {
    expect(density(run(8, 257.142857142857))).toBeCloseTo(4, 9);
    expect(density([])).toBe(0);
    expect(density([{ ...run(1, 0)[0], duration: ms(0) } as Note])).toBe(10);
  });

  it('compares by ratio', () => {
    const { length, density: dense } = likeness(run(5, 450), run(9, 475));
    expect(length).toBeCloseTo(2, 9);
    expect(dense).toBeCloseTo(0.9, 9);
  });

  it.each([
    ['itself', run(5, 450), true],
    ['twice as long', run(9, 475), true],
    ['more than twice as long', run(9, 480), false],
    ['as long with a third of the notes', run(2, 1800), false],
    ['silence', [], false],
  ])('says whether an answer is alike: %s', (_, answer, expected) => {
    expect(alike(run(5, 450), answer)).toBe(expected);
  });
});
